// The figures of the engine as numbers to compute with.
import Big from 'big.js';
import { engineFigures, type FigureName } from './engine-figures.ts';

const figures: ReadonlyMap<string, Big> = new Map(Object.entries(engineFigures).map(([name, { value }]) => [name, new Big(value)]));

/**
 * Reads a figure.
 *
 * @example
 * readFigure('messagesPerStep').toFixed(); // '3.51'
 */
export const readFigure = (name: FigureName): Big => figures.get(name) ?? new Big(engineFigures[name].value);

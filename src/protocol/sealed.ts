// How a sealed text begins: whoever has no keys knows by it that something is sealed, and leaves it alone.

/** The beginning of every sealed text. */
export const SEALED_MARK = '{"sealed":1,';

/** Whether a text is sealed. */
export const isSealed = (text: string): boolean => text.startsWith(SEALED_MARK);

/** What stands in the place of a message that nobody can read any more: no message of the engine, so it is put aside. */
export const ERASED_BODY = '{"v":1,"type":"Erased"}';

// The second half of the planted bugs.
import { plantedBugs } from './planted/bugs.ts';
import { catchBugs } from './planted/catch-bugs.ts';

catchBugs(plantedBugs.filter((_bug, index) => index % 2 === 1));

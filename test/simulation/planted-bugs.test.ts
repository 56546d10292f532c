// The first half of the planted bugs: the simulator is only worth what it finds.
import { plantedBugs } from './planted/bugs.ts';
import { catchBugs } from './planted/catch-bugs.ts';

catchBugs(plantedBugs.filter((_bug, index) => index % 2 === 0));

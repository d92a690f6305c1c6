import { simulate } from './simulated.ts';

simulate(0);

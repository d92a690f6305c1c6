import { simulate } from './simulated.ts';

simulate(1);

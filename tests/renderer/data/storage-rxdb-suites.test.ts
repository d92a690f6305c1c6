import { candidates } from './storage-contract/candidates.ts';
import { rxdbSuites } from './storage-contract/rxdb-suites.ts';

for (const candidate of candidates) rxdbSuites(candidate);

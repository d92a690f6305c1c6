/** The contract over the storages that RxDB brings: it shows that the contract asks for what RxDB means. */
import { candidates } from './storage-contract/candidates.ts';
import { storageContract } from './storage-contract/storage-contract.ts';

for (const candidate of candidates) storageContract(candidate);

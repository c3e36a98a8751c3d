import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';

/** A copy of the ECB's own file beside the project; it is not part of it. */
export const realFile = join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'data', 'eurofxref-hist.csv');

/** Describes what needs the real figures; where the file is not there, the report says that it was skipped. */
export const describeWithRealFile = existsSync(realFile) ? describe : describe.skip;

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from '@jest/globals';

/** A copy of the ECB's own history, beside the project or where ECB_REAL_FILE says: it is the ECB's, no part of the project. */
export const REAL_ECB_FILE =
  process.env.ECB_REAL_FILE ?? join(import.meta.dirname, '../../../shared/data/eurofxref-hist.csv');

const present = existsSync(REAL_ECB_FILE);
if (!present) process.stderr.write(`skipped: real figures, for there is no ECB history at ${REAL_ECB_FILE}\n`);

/** Describes what needs the real figures; where the file is not there, the report says that it was skipped. */
export const describeWithRealFile = present ? describe : describe.skip;

import { createHash } from 'node:crypto';

import type { Sha256 } from '../../core/ports';

/** Of Node's own. */
export const sha256: Sha256 = (text) => createHash('sha256').update(text).digest('hex');

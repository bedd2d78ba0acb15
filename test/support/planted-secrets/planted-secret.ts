import { randomBytes } from 'node:crypto';

import { mark } from '../../../toolchain/secret-mark.js';

/**
 * A password that nobody else has. All of them have a part in common by which they are found wherever they turn up.
 * @param label says which one it is
 */
export const plantedSecret = (label: string): string =>
	`${mark}-${label}-${randomBytes(4).toString('hex')}`;

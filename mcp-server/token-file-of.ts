import path from 'node:path';

import { TokenFile } from '../adapters/files';
import type { FullConfig } from './config/read-config';

/** Where the tokens of this server are. */
export const tokenFileOf = ({ stateFolder }: FullConfig): TokenFile =>
	new TokenFile(path.join(stateFolder, 'tokens.json'));

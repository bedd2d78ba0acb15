import path from 'node:path';

import { TokenFolder } from '../adapters/files';
import type { FullConfig } from './config/read-config';

/** Where the tokens of this server are. */
export const tokenFolderOf = ({ stateFolder }: FullConfig): TokenFolder =>
	new TokenFolder(path.join(stateFolder, 'tokens'));

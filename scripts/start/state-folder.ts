import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { Problem } from '../n8n/index.ts';

const MARK = 'made-by-bulwark.txt';

/** The folder where `npm start` keeps all it makes; it is n8n's user folder too. */
export class StateFolder {
	readonly path: string;

	/** `.bulwark` in the project's folder, unless BULWARK_FOLDER names another. */
	constructor(projectRoot: string, env: NodeJS.ProcessEnv) {
		this.path = resolve(projectRoot, env.BULWARK_FOLDER ?? '.bulwark');
	}

	/** Makes the folder unless it is there. Refuses a folder with other things in it: --reset deletes it. */
	async create(): Promise<void> {
		await mkdir(this.path, { recursive: true });
		const names = await readdir(this.path);
		if (names.length > 0 && !names.includes(MARK)) {
			throw new Problem(
				`${this.path} is not empty, and not a folder that Bulwark made.`,
				'Let BULWARK_FOLDER name a new folder, or unset it.',
			);
		}
		await writeFile(
			this.file(MARK),
			'Made by `npm start` of Bulwark; `npm start -- --reset` deletes it.\n',
		);
		// Git leaves the folder alone wherever it lies.
		await writeFile(this.file('.gitignore'), '*\n');
	}

	file(name: string): string {
		return resolve(this.path, name);
	}

	/** Reads a JSON file of ours; undefined when there is none, or a broken one. */
	async read<T>(name: string): Promise<T | undefined> {
		try {
			return JSON.parse(await readFile(this.file(name), 'utf8')) as T;
		} catch {
			return undefined;
		}
	}

	/** Writes a JSON file that only the user may read; whole or not at all. */
	async write(name: string, content: unknown): Promise<void> {
		const draft = this.file(`${name}.draft`);
		await writeFile(draft, `${JSON.stringify(content, null, '\t')}\n`, { mode: 0o600 });
		await rename(draft, this.file(name));
	}
}

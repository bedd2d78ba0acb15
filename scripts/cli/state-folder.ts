import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { Problem } from '../n8n/index.ts';

const MARK = 'made-by-bulwark.txt';

/** Whose folder it is, and how it is found. */
export interface StateFolderKind {
	/** Such as `npm start`. */
	command: string;
	/** Environment variable that may name the folder. */
	variable: string;
	/** Its name in the project's folder otherwise. */
	defaultName: string;
}

/** The folder where a command keeps all it makes. */
export class StateFolder {
	readonly path: string;

	readonly kind: StateFolderKind;

	constructor(projectRoot: string, env: NodeJS.ProcessEnv, kind: StateFolderKind) {
		this.path = resolve(projectRoot, env[kind.variable] ?? kind.defaultName);
		this.kind = kind;
	}

	/** Makes the folder unless it is there. Refuses a folder with other things in it: --reset deletes it. */
	async create(): Promise<void> {
		await mkdir(this.path, { recursive: true });
		const names = await readdir(this.path);
		if (names.length > 0 && !names.includes(MARK)) {
			throw new Problem(
				`${this.path} is not empty, and not a folder that Bulwark made.`,
				`Let ${this.kind.variable} name a new folder, or unset it.`,
			);
		}
		const { command } = this.kind;
		await writeFile(
			this.file(MARK),
			`Made by \`${command}\` of Bulwark; \`${command} -- --reset\` deletes it.\n`,
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

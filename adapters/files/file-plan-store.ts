import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import type { ChangePlan, Clock, PlanStore } from '../../core/ports';
import { StateUnwritableError, writeWhole } from './write-whole';

/** What ids are made of, so that none leads to another folder. */
const ID = /^[\w-]{1,200}$/;

/** Plans in a folder that all replicas on one machine share. */
export class FilePlanStore implements PlanStore {
	constructor(
		private readonly folder: string,
		private readonly clock: Clock,
	) {}

	async save(plan: ChangePlan, keptMs: number): Promise<void> {
		await writeWhole(this.fileOf(plan.id), JSON.stringify(plan));
		await this.forget(keptMs);
	}

	async find(id: string) {
		if (!ID.test(id)) return undefined;
		const text = await readFile(this.fileOf(id), 'utf8').catch(unlessMissing);
		if (text === undefined) return undefined;
		const isUsed = (await stat(this.markOf(id)).catch(unlessMissing)) !== undefined;
		return { plan: JSON.parse(text) as ChangePlan, isUsed };
	}

	async use(id: string): Promise<boolean> {
		try {
			// Among any number of processes one makes the file.
			await (await open(this.markOf(id), 'wx', 0o600)).close();
			return true;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
			throw new StateUnwritableError(this.markOf(id), error);
		}
	}

	private async forget(keptMs: number): Promise<void> {
		for (const name of await readdir(this.folder)) {
			const file = path.join(this.folder, name);
			const found = await stat(file).catch(unlessMissing);
			if (found && found.mtimeMs < this.clock.now() - keptMs) await rm(file, { force: true });
		}
	}

	private readonly fileOf = (id: string): string => path.join(this.folder, `${id}.json`);
	private readonly markOf = (id: string): string => path.join(this.folder, `${id}.used`);
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
	if (error.code !== 'ENOENT') throw error;
	return undefined;
}

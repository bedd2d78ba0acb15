import { open, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { BulwarkError } from '../../core/errors';
import type { ChangePlan, Clock, PlanStore } from '../../core/ports';
import { StateUnwritableError, writeWhole } from './write-whole';

/** What ids are made of, so that none leads to another folder. */
const ID = /^[\w-]{1,200}$/;

/** A plan that was made cannot be read. It is neither used nor forgotten by that. */
export class PlanFileError extends BulwarkError {
	readonly code = 'PLAN_FILE_INVALID';

	constructor(file: string, cause: unknown) {
		super(
			`The plan in ${file} cannot be read: ${(cause as Error).message}`,
			'Let this process read that file, or make a new plan',
		);
		this.cause = cause;
	}
}

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

	/** @throws {PlanFileError} */
	async find(id: string) {
		if (!ID.test(id)) return undefined;
		const file = this.fileOf(id);
		try {
			const text = await readFile(file, 'utf8').catch(unlessMissing);
			if (text === undefined) return undefined;
			const isUsed = (await stat(this.markOf(id)).catch(unlessMissing)) !== undefined;
			return { plan: planIn(text, id), isUsed };
		} catch (error) {
			throw new PlanFileError(file, error);
		}
	}

	/** @throws {StateUnwritableError} */
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

	/** What cannot be forgotten keeps no plan from being made: it is tried again with the next one. */
	private async forget(keptMs: number): Promise<void> {
		const before = this.clock.now() - keptMs;
		for (const name of await readdir(this.folder).catch(() => [])) {
			const file = path.join(this.folder, name);
			await rmOlder(file, before).catch(() => undefined);
		}
	}

	private readonly fileOf = (id: string): string => path.join(this.folder, `${id}.json`);
	private readonly markOf = (id: string): string => path.join(this.folder, `${id}.used`);
}

async function rmOlder(file: string, before: number): Promise<void> {
	const { mtimeMs } = await stat(file);
	if (mtimeMs < before) await rm(file);
}

/** What is no JSON is not quoted, as the parser would. */
function planIn(text: string, id: string): ChangePlan {
	let plan: ChangePlan | null;
	try {
		plan = JSON.parse(text) as ChangePlan | null;
	} catch {
		throw new Error('it is not JSON');
	}
	if (plan?.id === id) return plan;
	throw new Error('it holds another plan, or none');
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
	if (error.code !== 'ENOENT') throw error;
	return undefined;
}

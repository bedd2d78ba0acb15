import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type CredentialReference, filesUnder, type WorkflowJson } from '../n8n/index.ts';
import { needsRedis, withRedisState } from './redis-state.ts';

/** Where the prebuilt workflows expect the flaky API. */
const WRITTEN_FOR = 'http://127.0.0.1:5690';

/** A prebuilt workflow as it is to be imported. */
export interface WorkflowFile {
	/** Its path from the project's folder. */
	file: string;
	workflow: WorkflowJson & { id: string };
	/** Changes when what is to be imported changes. */
	hash: string;
}

/**
 * Reads workflows/**\/*.json, and points them at the flaky API where it really is. With a Redis, the
 * state of all steps is in it; without one, workflows that need it are left out.
 */
export async function readWorkflowFiles(
	projectRoot: string,
	flakyApiUrl: string,
	redis?: CredentialReference,
): Promise<WorkflowFile[]> {
	const files = (await filesUnder(projectRoot, 'workflows')).filter((f) => f.endsWith('.json'));
	const read = await Promise.all(
		files.map(async (file) => {
			const written = await readFile(join(projectRoot, file), 'utf8');
			const text = written.replaceAll(WRITTEN_FOR, flakyApiUrl);
			const workflow = JSON.parse(text) as WorkflowJson;
			if (!redis && needsRedis(workflow)) return [];
			const wanted = redis ? withRedisState(workflow, redis) : workflow;
			const hash = hashOf(redis ? text + redis.id : text);
			return [{ file, hash, workflow: { ...wanted, id: wanted.id ?? idFor(file) } }];
		}),
	);
	return read.flat();
}

const hashOf = (text: string): string =>
	createHash('sha256').update(text).digest('hex').slice(0, 16);

/** An id that stays the same from start to start. */
function idFor(file: string): string {
	const digest = createHash('sha256').update(file).digest('base64');
	return digest.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 16);
}

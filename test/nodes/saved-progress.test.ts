import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { stringify } from 'flatted';
import type { IConnections, INodeType } from 'n8n-workflow';

import { N8nExecutions } from '../../adapters/n8n/database/n8n-executions';
import { SqliteDatabase } from '../../adapters/n8n/database/sqlite-database';
import { systemClock } from '../../adapters/system';
import { defineNode } from '../support/test-nodes/define-node';
import { runWorkflow } from '../support/workflow-harness';

let folder: string;
let n8n: DatabaseSync;
let database: SqliteDatabase;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'bulwark-progress-'));
	const file = path.join(folder, 'database.sqlite');
	n8n = new DatabaseSync(file);
	n8n.exec(`PRAGMA journal_mode = WAL;
		CREATE TABLE execution_entity (id INTEGER PRIMARY KEY, status TEXT DEFAULT 'crashed', "deletedAt" TEXT);
		CREATE TABLE execution_data ("executionId" INTEGER PRIMARY KEY, data TEXT)`);
	database = new SqliteDatabase(file, '');
});

afterEach(async () => {
	await database.close();
	n8n.close();
	await rm(folder, { recursive: true });
});

interface Model {
	call(): Promise<void>;
}

/** A step that asks a model twice, as an AI Agent does. */
const agent: INodeType = defineNode(
	'agent',
	async function (items) {
		const [model] = (await this.getInputConnectionData('ai_languageModel', 0)) as [Model];
		await model.call();
		await model.call();
		return [items];
	},
	{ inputs: ['main', 'ai_languageModel'] },
);

/** It says what it did as n8n's own models do. */
const model: INodeType = {
	description: {
		...{ displayName: 'Model', name: 'model', group: ['transform'], version: 1, description: '' },
		...{ defaults: { name: 'Model' }, inputs: [], outputs: ['ai_languageModel'], properties: [] },
	},
	async supplyData() {
		const call = async (): Promise<void> => {
			const { index } = this.addInputData('ai_languageModel', [[{ json: {} }]]);
			this.addOutputData('ai_languageModel', index, [[{ json: {} }]]);
			// It is said to n8n without waiting.
			await new Promise(setImmediate);
		};
		return await Promise.resolve({ response: { call } satisfies Model });
	},
};

const nodeTypes = { agent, model, start: defineNode('start', (items) => [items]) };

const wire = (node: string, type: 'main' | 'ai_languageModel' = 'main') => ({
	...{ node, type, index: 0 },
});

/** What can be told of an execution whose worker dies after each time that n8n has saved it. */
async function toldAtEachEnd(connections: IConnections) {
	const saved: string[] = [];
	const done = await runWorkflow({
		nodes: ['Start', 'Agent', 'Model', 'Other'].map((name) => ({
			name,
			type: name === 'Agent' ? 'agent' : name === 'Model' ? 'model' : 'start',
		})),
		...{ connections, nodeTypes },
		onProgress: (data) => saved.push(stringify(data)),
	});
	if (done.error) throw done.error;
	const row = n8n.prepare('INSERT INTO execution_entity (id) VALUES (?)');
	const data = n8n.prepare('INSERT INTO execution_data VALUES (?, ?)');
	for (const [index, text] of saved.entries()) {
		row.run(index + 1);
		data.run(index + 1, text);
	}
	const executions = new N8nExecutions(database, systemClock);
	const ids = saved.map((_, index) => `${index + 1}`);
	const { known } = await executions.progressOf(ids);
	return ids.map((id) => known.get(id)!);
}

it('what is saved while a step asks a model is neither complete nor what it would go on with', async () => {
	const told = await toldAtEachEnd({
		Start: { main: [[wire('Agent')]] },
		Model: { ai_languageModel: [[wire('Agent', 'ai_languageModel')]] },
		Agent: { main: [[wire('Other')]] },
	});
	expect(told).toMatchObject([
		{ lastNode: 'Start', isComplete: false, hasInput: true, goesOnWith: ['Agent'] },
		{ lastNode: 'Model', isComplete: false, hasInput: false, isWithinStep: true },
		{ lastNode: 'Model', isComplete: false, hasInput: false, isWithinStep: true },
		{ lastNode: 'Agent', isComplete: false, hasInput: true, isWithinStep: false },
		{ lastNode: 'Other', isComplete: true, hasInput: false, isWithinStep: false },
	]);
});

it('that there is something else to go on with does not make up for the step', async () => {
	const told = await toldAtEachEnd({
		Start: { main: [[wire('Agent'), wire('Other')]] },
		Model: { ai_languageModel: [[wire('Agent', 'ai_languageModel')]] },
	});
	const within = told.filter(({ lastNode }) => lastNode === 'Model');
	expect(within).toMatchObject([
		{ goesOnWith: ['Other'], hasInput: false, isWithinStep: true },
		{ goesOnWith: ['Other'], hasInput: false, isWithinStep: true },
	]);
	expect(told.filter(({ lastNode }) => lastNode !== 'Model')).toMatchObject([
		{ lastNode: 'Start', hasInput: true },
		{ lastNode: 'Agent', hasInput: true, isWithinStep: false },
		{ lastNode: 'Other', isComplete: true, isWithinStep: false },
	]);
});

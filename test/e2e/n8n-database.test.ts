import {
	addExecution,
	addWorkflow,
	type PostgresN8n,
	postgresN8n,
	type SqliteN8n,
	sqliteN8n,
} from '../support/n8n-database';
import { realN8n } from '../support/real-n8n';
import {
	type DatabaseUnderTest,
	MINUTE,
	NOW,
	openDatabase,
} from './n8n-database/database-under-test';
import { describeExecutionResource } from './n8n-database/execution-resource';
import { describeExecutions } from './n8n-database/executions';
import { describeFaults } from './n8n-database/faults';
import { describeLooks } from './n8n-database/looks';
import { describeRepair } from './n8n-database/repair';
import { describeScheduleAudit } from './n8n-database/schedule-audit';
import { describeWorkflows } from './n8n-database/workflows';

// The subjects share both databases: it takes n8n seconds to make one.
const databases = {} as { postgres: PostgresN8n; sqlite: SqliteN8n };

beforeAll(async () => {
	const n8n = await realN8n();
	const [postgres, sqlite] = await Promise.all([postgresN8n(n8n), sqliteN8n(n8n)]);
	Object.assign(databases, { postgres, sqlite });
});
afterAll(async () => {
	await databases.postgres?.stop();
	await databases.sqlite?.stop();
});

describe.each(['postgres', 'sqlite'] as const)("n8n's database in %s", (type) => {
	const under = {} as DatabaseUnderTest;
	let close: () => Promise<void>;

	beforeAll(() => {
		const n8n = databases[type];
		const stack = openDatabase(n8n.settings);
		Object.assign(under, stack.sources.database!, {
			n8n,
			add: async (execution: Partial<Parameters<typeof addExecution>[1]>) =>
				await addExecution(n8n, { status: 'success', createdAt: NOW - MINUTE, ...execution }),
		});
		close = stack.close;
	});
	beforeEach(async () => {
		const n8n = databases[type];
		await n8n.run(`DELETE FROM ${n8n.table('workflow_published_version')}`);
		await n8n.run(`DELETE FROM ${n8n.table('workflow_entity')} WHERE "activeVersionId" IS NULL`);
		await n8n.run(`UPDATE ${n8n.table('workflow_entity')} SET "activeVersionId" = NULL`);
		await n8n.run(`DELETE FROM ${n8n.table('workflow_entity')}`);
		await n8n.run(`DELETE FROM ${n8n.table('tag_entity')}`);
		await addWorkflow(n8n, { id: 'w1' });
	});
	afterAll(async () => await close?.());

	describeExecutions(under);
	describeRepair(under);
	describeWorkflows(under);
	describeLooks(under);
});

describe('a database that cannot be asked', () => describeFaults(databases));

describe('the audit of schedules', () => describeScheduleAudit(databases));

describe('an execution', () => describeExecutionResource(databases));

import type { DatabaseSettings } from '../../../adapters/n8n';
import { PostgresPool } from '../../../adapters/postgres';
import { SqliteFile } from '../../../adapters/sqlite';
import { systemClock } from '../../../adapters/system';
import { SourceUnavailableError } from '../../../core/stack';
import type { Finding } from '../../../mcp-server/doctor';
import { runCheck } from '../../../mcp-server/doctor/check';
import { repairChecks } from '../../../mcp-server/doctor/repair-checks';
import { makeCertificates } from '../../support/certificates';
import { documentedTableRights } from '../../support/documented-rights';
import { addWorkflow, type PostgresN8n, type SqliteN8n } from '../../support/n8n-database';
import { expectNoSecrets, plantedSecret } from '../../support/planted-secrets';
import { until } from '../../support/until';
import { NOW, openDatabase } from './database-under-test';

/** What is said of a database that cannot be asked, and what is not let through to it. */
export function describeFaults(databases: {
	readonly postgres: PostgresN8n;
	readonly sqlite: SqliteN8n;
}): void {
	/** What a question comes to. */
	async function answer(settings: DatabaseSettings): Promise<string> {
		const stack = openDatabase(settings);
		const { executions, workflows, server } = stack.sources.database!;
		const asked = [
			async () => await executions.unfinishedCounts(),
			async () => await executions.renew({ id: '1', status: 'running', startedAt: NOW }),
			async () => await executions.progressOf(['1']),
			async () => await workflows.find(['granted']),
			async () => await server.statistics(),
		];
		try {
			const errors: Array<{ message: string; remedy: string }> = [];
			for (const ask of asked)
				await ask().catch((error: SourceUnavailableError) => {
					expect(error).toBeInstanceOf(SourceUnavailableError);
					errors.push(error);
				});
			const said = errors.map(({ message, remedy }) => `${message}. ${remedy}`).join('\n');
			expectNoSecrets('an error', said);
			return said;
		} finally {
			await stack.close();
		}
	}

	const changed = (change: object) =>
		({ ...databases.postgres.settings, ...change }) as DatabaseSettings;

	const ofPostgres = async (change: object) => await answer(changed(change));

	/** What the doctor says of repairs. */
	async function repairsBy(change: object): Promise<Finding> {
		const stack = openDatabase(changed(change));
		const [check] = repairChecks(stack.sources);
		const finding = await runCheck(check!, systemClock);
		await stack.close();
		return finding;
	}

	it.each([
		[
			'the password',
			() => ({ password: plantedSecret('wrong') }),
			/does not accept .*Correct user/,
		],
		['no password', () => ({ password: undefined }), /asks for a password.*Give the password/],
		['the database', () => ({ database: 'none' }), /no such database: .*DB_POSTGRESDB_DATABASE/],
		['the schema', () => ({ schema: 'none' }), /table is not there: .*DB_POSTGRESDB_SCHEMA/],
		['the prefix', () => ({ tablePrefix: 'x_' }), /table is not there: .*DB_TABLE_PREFIX/],
		['the host', () => ({ host: 'nowhere.invalid' }), /cannot be reached: .*Check host and port/],
		['TLS', () => ({ ssl: true }), /not reached by TLS: .*Switch ssl off/],
	])('says so where %s of Postgres is wrong', async (_, change, expected) => {
		expect(await ofPostgres(change())).toMatch(expected);
	});

	it.each([
		['is missing', '/nowhere/database.sqlite', /There is no file \/nowhere.*N8N_USER_FOLDER/],
		['is none of SQLite', __filename, /no SQLite database.*correct the path/],
		['is none of n8n', ':memory:', /There is no file :memory:/],
	])('says so where the file of SQLite %s', async (_, file, expected) => {
		expect(await answer({ type: 'sqlite', file, tablePrefix: '' })).toMatch(expected);
		expect(await answer({ ...databases.sqlite.settings, tablePrefix: 'x_' })).toMatch(
			/table is not there: no such table: x_execution_entity.*DB_TABLE_PREFIX/,
		);
	});

	it('is reached by TLS, where its certificate is trusted', async () => {
		const { authority, server, remove } = await makeCertificates();
		const give = async (setting: string, text: string) =>
			await databases.postgres.run(
				`ALTER SYSTEM SET ${setting} = '${await databases.postgres.server.give(setting, text)}'`,
			);
		await give('ssl_cert_file', server.cert);
		await give('ssl_key_file', server.key);
		await databases.postgres.run('ALTER SYSTEM SET ssl = on');
		await databases.postgres.run('SELECT pg_reload_conf()');
		await until(async () => (await databases.postgres.run('SHOW ssl'))[0]!.ssl === 'on');
		expect(await ofPostgres({ ssl: true })).toMatch(/certificate .* not trusted: .*SSL_CA/);
		expect(await ofPostgres({ ssl: true, ca: authority.cert })).toBe('');
		expect(await ofPostgres({ ssl: true, disableTlsVerification: true })).toBe('');
		await remove();
	});

	it('says what a user may not do', async () => {
		const password = plantedSecret('reader');
		await databases.postgres.run(`CREATE ROLE reader LOGIN PASSWORD '${password}'`);
		expect(await ofPostgres({ user: 'reader', password })).toMatch(
			/The user may not do that in Postgres: permission denied .*Give it SELECT/,
		);
	});

	it('needs no more than the rights that are documented', async () => {
		const password = plantedSecret('granted');
		const { run, settings, table } = databases.postgres;
		await run(`CREATE ROLE "bulwark-mcp" LOGIN PASSWORD '${password}'`);
		for (const { right, tables } of documentedTableRights)
			await run(`GRANT ${right} ON ${tables.map(table).join(', ')} TO "bulwark-mcp"`);
		await run(`GRANT USAGE ON SCHEMA "${settings.schema}" TO "bulwark-mcp"`);
		await addWorkflow(databases.postgres, { id: 'granted', publishedNodes: [], tags: ['granted'] });
		const user = { user: 'bulwark-mcp', password };
		expect(await ofPostgres(user)).toBe('');
		expect(await repairsBy(user)).toMatchObject({ status: 'reached' });
		for (const { right, tables } of documentedTableRights)
			for (const one of tables) {
				await run(`REVOKE ${right} ON ${table(one)} FROM "bulwark-mcp"`);
				expect(await ofPostgres(user)).toMatch(/permission denied/);
				if (right === 'UPDATE' || one === 'execution_data')
					expect(await repairsBy(user)).toMatchObject({
						status: 'partly',
						says: expect.stringMatching(/permission denied/),
						remedy: expect.stringMatching(/UPDATE on the table of executions/),
					});
				await run(`GRANT ${right} ON ${table(one)} TO "bulwark-mcp"`);
			}
	});

	it('gives up what a lock keeps from it, and works again', async () => {
		const executions = databases.postgres.table('execution_entity');
		await databases.postgres.run('BEGIN');
		await databases.postgres.run(`LOCK TABLE ${executions} IN ACCESS EXCLUSIVE MODE`);
		const stack = openDatabase(databases.postgres.settings);
		const { executions: view } = stack.sources.database!;
		await expect(view.unfinishedCounts()).rejects.toThrow(/keeps the row or table locked/);
		await databases.postgres.run('ROLLBACK');
		expect(await view.unfinishedCounts()).toMatchObject({ new: expect.any(Number) as number });
		await stack.close();
	});

	it('lets a write wait for no one for long in SQLite', async () => {
		const stack = openDatabase(databases.sqlite.settings);
		const { executions } = stack.sources.database!;
		await databases.sqlite.run('BEGIN IMMEDIATE');
		try {
			const seen = { id: '1', status: 'running', startedAt: NOW } as const;
			await expect(executions.renew(seen)).rejects.toThrow(/is locked by another process/);
			expect(await executions.find(['0'])).toEqual([]);
		} finally {
			await databases.sqlite.run('ROLLBACK');
			await stack.close();
		}
	});

	it('is reached by few connections', async () => {
		const stack = openDatabase(databases.postgres.settings);
		const { executions } = stack.sources.database!;
		await Promise.all(Array.from({ length: 20 }, () => executions.unfinishedCounts()));
		const [row] = await databases.postgres.run(
			`SELECT COUNT(*) AS count FROM pg_stat_activity WHERE application_name = 'bulwark'`,
		);
		expect(Number(row!.count)).toBeGreaterThan(0);
		expect(Number(row!.count)).toBeLessThanOrEqual(3);
		await stack.close();
	});

	it('is changed by no question', async () => {
		const table = databases.postgres.table('execution_entity');
		const { host, port, user, password, database } = databases.postgres.settings;
		const pool = new PostgresPool({ host, port, user, password, database });
		await expect(pool.read(`DELETE FROM ${table}`, [])).rejects.toThrow(/takes no changes/);
		await pool.close();
		const file = new SqliteFile(databases.sqlite.settings.file);
		await expect(file.read('DELETE FROM execution_entity', [])).rejects.toThrow(
			/may not be changed/,
		);
		await file.close();
	});

	it('is asked again once Postgres is back', async () => {
		const stack = openDatabase(databases.postgres.settings);
		const { executions } = stack.sources.database!;
		await executions.unfinishedCounts();
		await databases.postgres.server.pause();
		await expect(executions.unfinishedCounts()).rejects.toBeInstanceOf(SourceUnavailableError);
		await expect(executions.unfinishedCounts()).rejects.toThrow(/cannot be reached/);
		await databases.postgres.server.resume();
		expect(await executions.unfinishedCounts()).toMatchObject({
			new: expect.any(Number) as number,
		});
		await stack.close();
	});
}

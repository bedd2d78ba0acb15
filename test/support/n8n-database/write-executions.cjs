/**
 * Writes executions as a busy n8n would, and waits for no lock: `node write-executions.cjs <settings as JSON>`. Answers with a
 * line when it begins, and at its end with how many it has written; fails at the first lock in its way.
 */
const { DatabaseSync } = require('node:sqlite');
const { Client } = require('pg');

const { type, table, writes, everyMs, ...settings } = JSON.parse(process.argv[2]);
const sql = {
	insert: `INSERT INTO ${table} ("workflowId", finished, mode, status) VALUES ('w1', false, 'webhook', 'new') RETURNING id`,
	update: (id) =>
		`UPDATE ${table} SET status = 'success', finished = true WHERE id = ${Number(id)}`,
};

async function open() {
	if (type === 'sqlite') {
		const connection = new DatabaseSync(settings.file, { timeout: 0 });
		return { run: (text) => connection.prepare(text).all(), close: () => connection.close() };
	}
	const client = new Client({ ...settings, options: '-c lock_timeout=1' });
	await client.connect();
	return {
		run: async (text) => (await client.query(text)).rows,
		close: async () => await client.end(),
	};
}

async function write() {
	const database = await open();
	const latenciesMs = [];
	console.log('writing');
	for (let count = 0; count < writes; count += 1) {
		const from = performance.now();
		const [{ id }] = await database.run(sql.insert);
		await database.run(sql.update(id));
		latenciesMs.push(performance.now() - from);
		await new Promise((resolve) => setTimeout(resolve, everyMs));
	}
	await database.close();
	console.log(JSON.stringify({ latenciesMs }));
}

write().catch((error) => {
	console.error(error.message);
	process.exit(1);
});

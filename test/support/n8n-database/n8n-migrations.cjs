/**
 * Makes n8n's tables as n8n does at its start, by its own migrations and settings, and does nothing else:
 * `node n8n-migrations.cjs <n8n's script>`.
 */
const { createRequire } = require('node:module');

const ofN8n = createRequire(process.argv[2]);
const { Container } = ofN8n('@n8n/di');
const { DbConnection } = ofN8n('@n8n/db');

async function migrate() {
	const connection = Container.get(DbConnection);
	await connection.init();
	await connection.migrate();
	await connection.close();
}

migrate().catch((error) => {
	console.error(error);
	// Its connections would keep the process.
	process.exit(1);
});

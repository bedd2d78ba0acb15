/** How esbuild makes the nodes' runtime; the benchmarks measure a bundle made the same way. */
module.exports = {
	bundle: true,
	platform: 'node',
	target: 'node22',
	format: 'cjs',
	// Postgres' client takes the second one only where it is told to.
	external: ['n8n-workflow', 'pg-native'],
	loader: { '.lua': 'text' },
	legalComments: 'none',
	charset: 'utf8',
};

/** How esbuild makes the nodes' runtime; the benchmarks measure a bundle made the same way. */
module.exports = {
	bundle: true,
	platform: 'node',
	target: 'node22',
	format: 'cjs',
	external: ['n8n-workflow'],
	loader: { '.lua': 'text' },
	legalComments: 'none',
	charset: 'utf8',
};

const { default: TestRunner } = require('jest-runner');

/** Of the tests with an n8n, those that take longest: begun first, none of them is left alone in the end. */
const LONG = /(waits|editor|stack|shipped-workflows)\.test\.ts$/;

/**
 * Jest's own runner in three parts: tests that need no n8n, beside which it is installed; those that share the machine
 * with others although each has an n8n of its own; and, one after another, those that take all of the machine.
 */
module.exports = class Runner extends TestRunner {
	async runTests(tests, watcher, options) {
		const of = (...projects) =>
			tests.filter(({ context }) => projects.includes(context.config.displayName.name));
		const withN8n = of('workflows', 'e2e', 'long');
		const long = withN8n.filter(({ path }) => LONG.test(path));
		const short = withN8n.filter((test) => !long.includes(test));
		const sharing = [...of('unit', 'nodes'), ...long, ...short];
		if (sharing.length > 0) await super.runTests(sharing, watcher, options);
		await super.runTests(of('load'), watcher, { ...options, serial: true });
	}
};

const { default: TestRunner } = require('jest-runner');

/**
 * Jest's own runner in three parts: tests that need no n8n, beside which it is installed; those that share the machine
 * with others although each has an n8n of its own; and, one after another, those that take all of the machine.
 */
module.exports = class Runner extends TestRunner {
	async runTests(tests, watcher, options) {
		const of = (...projects) =>
			tests.filter(({ context }) => projects.includes(context.config.displayName.name));
		const sharing = [...of('unit', 'nodes'), ...of('workflows', 'e2e')];
		if (sharing.length > 0) await super.runTests(sharing, watcher, options);
		await super.runTests(of('load'), watcher, { ...options, serial: true });
	}
};

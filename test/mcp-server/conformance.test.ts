import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { runConformanceSuite, type ConformanceCheck } from '../support/mcp/conformance-suite';
import { startMcpServer } from '../support/mcp/mcp-server';
import { startTokenProxy } from '../support/mcp/token-proxy';

const PAGE = path.resolve(__dirname, '../../docs/mcp-conformance.md');
const REVISIONS = ['2025-11-25', '2026-07-28'] as const;

const OTHERS = "needs tools, prompts or resources of the suite's own example server";
const LOGGING = 'log messages, which the protocol is giving up, are not offered';
const SUBSCRIPTIONS = 'without sessions there are no subscriptions to resources';
const STREAMS = 'without sessions there are no streams to be taken up again';
const HEADERS = 'no tool takes arguments from headers';

/** What does not fit this server, and why. All else has to pass. */
const APART: Readonly<Record<string, string>> = {
	'completion-complete': OTHERS,
	'elicitation-sep1034-defaults': OTHERS,
	'elicitation-sep1330-enums': OTHERS,
	'http-custom-header-server-validation': HEADERS,
	'input-required-result-basic-elicitation': OTHERS,
	'input-required-result-basic-list-roots': OTHERS,
	'input-required-result-basic-sampling': OTHERS,
	'input-required-result-capability-check': OTHERS,
	'input-required-result-multi-round': OTHERS,
	'input-required-result-multiple-input-requests': OTHERS,
	'input-required-result-non-tool-request': OTHERS,
	'input-required-result-request-state': OTHERS,
	'input-required-result-result-type': OTHERS,
	'input-required-result-tampered-state': OTHERS,
	'json-schema-2020-12': OTHERS,
	'logging-set-level': LOGGING,
	'prompts-get-embedded-resource': OTHERS,
	'prompts-get-simple': OTHERS,
	'prompts-get-with-args': OTHERS,
	'prompts-get-with-image': OTHERS,
	'resources-read-binary': OTHERS,
	'resources-read-text': OTHERS,
	'resources-subscribe': SUBSCRIPTIONS,
	'resources-templates-read': OTHERS,
	'resources-unsubscribe': SUBSCRIPTIONS,
	'tools-call-audio': OTHERS,
	'tools-call-elicitation': OTHERS,
	'tools-call-embedded-resource': OTHERS,
	'tools-call-error': OTHERS,
	'tools-call-image': OTHERS,
	'tools-call-mixed-content': OTHERS,
	'tools-call-sampling': OTHERS,
	'tools-call-simple-text': OTHERS,
	'tools-call-with-logging': LOGGING,
	'tools-call-with-progress': OTHERS,
};

/** Nothing fails in these, and nothing is proved either. */
const UNPROVED: Readonly<Record<string, string>> = {
	'input-required-result-ignore-extra-params': OTHERS,
	'input-required-result-missing-input-response': OTHERS,
	'server-session-lifecycle': STREAMS,
	'server-sse-multiple-streams': STREAMS,
	'server-sse-polling': STREAMS,
};

/** Single checks that need tools of the example server, among others that have to pass. */
const CHECKS_APART = [
	'sep-2575-server-rejects-undeclared-capability',
	'sep-2575-missing-capability-http-400',
	'sep-2575-http-server-no-independent-requests-on-stream',
	'sep-2575-server-no-log-without-loglevel',
];

type Found = ReadonlyMap<string, readonly ConformanceCheck[]>;

const found = new Map<string, Found>();

beforeAll(async () => {
	const server = await startMcpServer();
	// The suite brings no token.
	const proxy = await startTokenProxy(server.url, await server.token('viewer'));
	for (const revision of REVISIONS)
		found.set(revision, await runConformanceSuite(proxy.url, revision));
	await proxy.close();
	await server.stop();
}, 120_000);

const failuresOf = (checks: readonly ConformanceCheck[]) =>
	checks.filter(({ id, status }) => status === 'FAILURE' && !CHECKS_APART.includes(id));

/** The check of all messages against the protocol's schema passes by itself. */
const isProved = (checks: readonly ConformanceCheck[]): boolean =>
	checks.some(({ id, status }) => status === 'SUCCESS' && id !== 'wire-schema-valid');

it.each(REVISIONS)('passes all scenarios of %s that fit it', (revision) => {
	const failed = [...found.get(revision)!].flatMap(([scenario, checks]) =>
		scenario in APART
			? []
			: failuresOf(checks).map(({ id, errorMessage }) => `${scenario}: ${id}: ${errorMessage}`),
	);
	expect(failed).toEqual([]);
});

it.each(REVISIONS)('sends nothing that the schema of %s does not allow', (revision) => {
	const checks = [...found.get(revision)!.values()].flat();
	const wire = checks.filter(({ id }) => id === 'wire-schema-valid');
	expect(wire.length).toBeGreaterThan(0);
	expect(wire.filter(({ status }) => status !== 'SUCCESS')).toEqual([]);
});

it('leaves out no scenario that fits it', () => {
	for (const checksOf of found.values())
		for (const [scenario, checks] of checksOf) {
			const isApart = failuresOf(checks).length > 0;
			expect([scenario, isApart]).toEqual([scenario, scenario in APART]);
		}
});

it('is told of in the documentation as it is', async () => {
	const names = [...new Set([...found.values()].flatMap((one) => [...one.keys()]))].sort();
	const rows = names.map((name) => {
		const cells = REVISIONS.map((revision) => outcomeOf(revision, name));
		return [`\`${name}\``, ...cells, cells.includes('n/a') ? reasonOf(name) : ''];
	});
	const table = tableOf([['scenario', ...REVISIONS, 'why it does not apply'], ...rows]);
	const page = await readFile(PAGE, 'utf8');
	const written = page.replace(
		/<!-- table -->[^]*<!-- \/table -->/,
		`<!-- table -->\n\n${table}\n\n<!-- /table -->`,
	);
	if (process.env.BULWARK_WRITE_CONFORMANCE) await writeFile(PAGE, written);
	expect(await readFile(PAGE, 'utf8')).toBe(written);
});

function outcomeOf(revision: string, scenario: string): string {
	const checks = found.get(revision)!.get(scenario);
	if (!checks) return '';
	return scenario in APART || !isProved(checks) ? 'n/a' : 'passes';
}

const reasonOf = (scenario: string): string => APART[scenario] ?? UNPROVED[scenario]!;

/** As Prettier lays tables out. */
function tableOf([head, ...rows]: string[][]): string {
	const all = [head!, ...rows];
	const widths = head!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
	const line = (cells: readonly string[]): string =>
		`| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
	const rule = widths.map((width) => '-'.repeat(width));
	return [head!, rule, ...rows].map(line).join('\n');
}

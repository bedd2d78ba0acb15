import { chromium as playwright } from 'playwright-core';

import type { N8nClient } from '../../scripts/n8n/index.ts';
import { chromium } from './system-program.ts';

/** Chromium as root and without the network: it asks nobody outside for anything. */
const CHROMIUM_ARGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

export interface ScreenshotOptions {
	/** Logged in. */
	client: N8nClient;
	workflowId: string;
	/** Path of the PNG file to write. */
	file: string;
	width?: number;
	height?: number;
	/** Done with the page before the picture is taken; `executeFrom` is ready-made. */
	before?: (page: EditorPage) => Promise<void>;
}

/** What a test may do with the editor before the picture. */
export type EditorPage = Awaited<
	ReturnType<Awaited<ReturnType<typeof playwright.launch>>['newPage']>
>;

/**
 * Opens a workflow in n8n's editor, fits it to the window and writes a picture of it. Resolves with
 * the names of the nodes that the canvas shows.
 */
export async function screenshotWorkflow(options: ScreenshotOptions): Promise<string[]> {
	const { client, workflowId, file, width = 1600, height = 900 } = options;
	const browser = await playwright.launch({
		executablePath: await chromium(),
		args: CHROMIUM_ARGS,
	});
	try {
		const context = await browser.newContext({ viewport: { width, height } });
		const { cookie, browserId } = client.connection;
		await context.addCookies([{ name: 'n8n-auth', value: cookie ?? '', url: client.url }]);
		await context.addInitScript(
			`localStorage.setItem('n8n-browserId', ${JSON.stringify(browserId)})`,
		);
		const page = await context.newPage();
		await page.goto(`${client.url}/workflow/${workflowId}`);
		await page.locator('[data-test-id="canvas-node"]').first().waitFor();
		await options.before?.(page);
		await page.locator('[data-test-id="zoom-to-fit"]').click();
		await page.waitForLoadState('networkidle');
		await settled(page);
		await page.screenshot({ path: file });
		const nodes = page.locator('[data-test-id="canvas-node"]');
		return await nodes.evaluateAll((elements) =>
			elements.map((element) => element.getAttribute('data-node-name') ?? ''),
		);
	} finally {
		await browser.close();
	}
}

/** For `before`: runs the workflow from that trigger, as its button does, and waits for the end. */
export function executeFrom(trigger: string): (page: EditorPage) => Promise<void> {
	return async (page) => {
		// Of several triggers the button below the canvas may take another one.
		await page.locator(`[data-test-id="canvas-node"][data-node-name="${trigger}"]`).hover();
		await page.locator(`[data-test-id="execute-workflow-button-${trigger}"]`).first().click();
		const stop = page.locator('[data-test-id="stop-execution-button"]');
		await stop.waitFor({ state: 'visible', timeout: 3000 }).catch(() => undefined);
		await stop.waitFor({ state: 'detached', timeout: 120_000 });
	};
}

/** Waits until the canvas has stopped moving: two looks in a row find the nodes at the same places. */
async function settled(page: EditorPage): Promise<void> {
	await page.waitForFunction(
		`(() => {
			const nodes = [...document.querySelectorAll('[data-test-id="canvas-node"]')];
			const seen = JSON.stringify(nodes.map((node) => node.getBoundingClientRect()));
			const same = window.bulwarkSeen === seen;
			window.bulwarkSeen = seen;
			return same;
		})()`,
		undefined,
		{ polling: 250 },
	);
}

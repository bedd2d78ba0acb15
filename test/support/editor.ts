import { chromium as playwright, type Browser, type Page } from 'playwright-core';

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

const NODE = '[data-test-id="canvas-node"]';

export interface EditorOptions {
	theme?: 'light' | 'dark';
	width?: number;
	height?: number;
}

/** n8n's editor in a headless Chromium. Close it in the end. */
export class Editor {
	readonly page: Page;

	private readonly browser: Browser;

	private readonly url: string;

	private constructor(browser: Browser, page: Page, url: string) {
		this.browser = browser;
		this.page = page;
		this.url = url;
	}

	/** Starts a browser in which `client` is logged in. */
	static async open(client: N8nClient, options: EditorOptions = {}): Promise<Editor> {
		const { theme = 'light', width = 1600, height = 900 } = options;
		const browser = await playwright.launch({
			executablePath: await chromium(),
			args: CHROMIUM_ARGS,
		});
		const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
		const { cookie, browserId } = client.connection;
		await context.addCookies([{ name: 'n8n-auth', value: cookie ?? '', url: client.url }]);
		await context.addInitScript(
			`localStorage.setItem('n8n-browserId', ${JSON.stringify(browserId)})`,
		);
		return new Editor(browser, await context.newPage(), client.url);
	}

	/** Shows a workflow, fitted to the window. */
	async show(workflowId: string): Promise<void> {
		const path = `/workflow/${workflowId}`;
		const { origin, pathname } = new URL(this.page.url());
		if (origin !== this.url) await this.page.goto(`${this.url}${path}`);
		else if (pathname !== path) await this.goWithin(path);
		await this.page.locator(NODE).first().waitFor();
		await this.fit();
	}

	async fit(): Promise<void> {
		await this.page.locator('[data-test-id="zoom-to-fit"]').click();
		await this.page.waitForLoadState('networkidle');
		await this.settled();
	}

	/** Runs the workflow that is shown from that trigger, as its button does, and waits for the end. */
	async executeFrom(trigger: string): Promise<void> {
		const { page } = this;
		// Of several triggers the button below the canvas may take another one.
		await page.locator(`${NODE}[data-node-name="${trigger}"]`).hover();
		await page.locator(`[data-test-id="execute-workflow-button-${trigger}"]`).first().click();
		const stop = page.locator('[data-test-id="stop-execution-button"]');
		await stop.waitFor({ state: 'visible', timeout: 3000 }).catch(() => undefined);
		await stop.waitFor({ state: 'detached', timeout: 120_000 });
	}

	/** Opens a node's panel, in which its parameters are. @returns what it says. */
	async openNode(name: string): Promise<string> {
		await this.page.locator(`${NODE}[data-node-name="${name}"]`).dblclick();
		const panel = this.page.locator('[data-test-id="ndv"]').first();
		await panel.locator('[data-test-id^="parameter-input"]').first().waitFor();
		await this.page.waitForLoadState('networkidle');
		return await panel.innerText();
	}

	async closeNode(): Promise<void> {
		await this.page.keyboard.press('Escape');
		await this.page.locator('[data-test-id="ndv"]').first().waitFor({ state: 'hidden' });
	}

	/** Closes the messages in the corner. */
	async closeMessages(): Promise<void> {
		const messages = this.page.locator('.el-notification');
		for (const close of await messages.locator('.el-notification__closeBtn').all()) {
			await close.click();
		}
		await messages.first().waitFor({ state: 'detached' });
	}

	/** Names of the nodes that the canvas shows, sticky notes left out. */
	async nodeNames(): Promise<string[]> {
		return await this.page
			.locator(NODE)
			.evaluateAll((elements) =>
				elements.map((element) => element.getAttribute('data-node-name') ?? ''),
			);
	}

	/** Writes what the window shows as a PNG file. */
	async picture(file: string): Promise<void> {
		await this.page.screenshot({ path: file });
	}

	async close(): Promise<void> {
		await this.browser.close();
	}

	/** Goes from one workflow to another as the browser's back button does: loading the editor takes ten times as long. */
	private async goWithin(path: string): Promise<void> {
		await this.page.evaluate(`(() => {
			for (const node of document.querySelectorAll('${NODE}')) node.dataset.seen = '';
			history.pushState({}, '', '${path}');
			dispatchEvent(new PopStateEvent('popstate', { state: {} }));
		})()`);
		await this.page.locator(`${NODE}:not([data-seen])`).first().waitFor();
		await this.page.locator('[data-seen]').first().waitFor({ state: 'detached' });
	}

	/** Waits until the canvas has stopped moving: two looks in a row find the nodes at the same places. */
	private async settled(): Promise<void> {
		await this.page.waitForFunction(
			`(() => {
				const nodes = [...document.querySelectorAll('${NODE}')];
				const seen = JSON.stringify(nodes.map((node) => node.getBoundingClientRect()));
				const same = window.bulwarkSeen === seen;
				window.bulwarkSeen = seen;
				return same;
			})()`,
			undefined,
			{ polling: 250 },
		);
	}
}

import {
	hostHeaderValidationResponse,
	localhostAllowedHostnames,
	localhostAllowedOrigins,
	originValidationResponse,
} from '@modelcontextprotocol/server';

import type { Config } from '../config/config-schema';
import { hostOf, originOf } from '../config/web-places';

/** What stands in an address where no port does. */
const DEFAULT_PORTS = ['80', '443'];

/** By which names the server may be called, and from which pages, so that no other page gets at it by a name of its own. */
export class Callers {
	private readonly hosts: ReadonlySet<string>;
	private readonly origins: ReadonlySet<string>;

	/** Loopback is allowed besides. */
	constructor({
		allowedHosts,
		allowedOrigins,
	}: Pick<Config['http'], 'allowedHosts' | 'allowedOrigins'>) {
		const hosts = allowedHosts.flatMap((text) => hostOf(text) ?? []);
		this.hosts = new Set(hosts.map(({ name, port }) => (port ? `${name}:${port}` : name)));
		this.origins = new Set(allowedOrigins);
	}

	/** Undefined where a request may go on. */
	refusalOf(request: Request): Response | undefined {
		return (
			(this.isAllowedHost(request)
				? undefined
				: hostHeaderValidationResponse(request, localhostAllowedHostnames())) ??
			(this.isAllowedOrigin(request)
				? undefined
				: originValidationResponse(request, localhostAllowedOrigins()))
		);
	}

	private isAllowedHost(request: Request): boolean {
		const host = hostOf(request.headers.get('host') ?? '');
		if (!host) return false;
		const ports = host.port ? [host.port] : DEFAULT_PORTS;
		return [host.name, ...ports.map((port) => `${host.name}:${port}`)].some((one) =>
			this.hosts.has(one),
		);
	}

	private isAllowedOrigin(request: Request): boolean {
		const origin = originOf(request.headers.get('origin') ?? '');
		return origin !== undefined && this.origins.has(origin);
	}
}

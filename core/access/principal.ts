import type { Role } from './role';

/** Who asks for something. */
export interface Principal {
	/** Name of the token, subject of the OAuth token, or the user of the machine. Never a secret. */
	readonly name: string;
	readonly role: Role;
	/** How it is known who asks. */
	readonly via: 'stdio' | 'token' | 'oauth' | 'workflow' | 'watch';
}

import type { ICredentialType, Icon, INodeProperties } from 'n8n-workflow';

const shownFor = (...topologies: string[]): Pick<INodeProperties, 'displayOptions'> => ({
	displayOptions: { show: { topology: topologies } },
});

const withTls: Pick<INodeProperties, 'displayOptions'> = {
	displayOptions: { show: { ssl: [true] } },
};

/** A Redis that n8n's own credential cannot describe: Sentinel, Cluster, certificates, a prefix. */
export class BulwarkRedisApi implements ICredentialType {
	name = 'bulwarkRedisApi';
	displayName = 'Bulwark Redis API';
	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-bulwark';
	icon: Icon = { light: 'file:bulwark-redis.svg', dark: 'file:bulwark-redis.dark.svg' };
	properties: INodeProperties[] = [
		{
			displayName: 'Topology',
			name: 'topology',
			type: 'options',
			options: [
				{ name: 'One Server', value: 'standalone' },
				{ name: 'Sentinel', value: 'sentinel' },
				{ name: 'Cluster', value: 'cluster' },
			],
			default: 'standalone',
		},
		{
			displayName: 'Host',
			name: 'host',
			type: 'string',
			default: 'localhost',
			...shownFor('standalone'),
		},
		{
			displayName: 'Port',
			name: 'port',
			type: 'number',
			default: 6379,
			...shownFor('standalone'),
		},
		{
			displayName: 'Sentinels',
			name: 'sentinels',
			type: 'string',
			default: '',
			placeholder: 'sentinel-1:26379, sentinel-2:26379, sentinel-3:26379',
			description: 'Addresses of the sentinels, parted by commas',
			...shownFor('sentinel'),
		},
		{
			displayName: 'Master Name',
			name: 'masterName',
			type: 'string',
			default: 'mymaster',
			description: 'What the sentinels call the master',
			...shownFor('sentinel'),
		},
		{
			displayName: 'Sentinel User',
			name: 'sentinelUser',
			type: 'string',
			default: '',
			description: 'Where the sentinels ask for a user of their own',
			...shownFor('sentinel'),
		},
		{
			displayName: 'Sentinel Password',
			name: 'sentinelPassword',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Where the sentinels ask for a password; it is not the one of Redis',
			...shownFor('sentinel'),
		},
		{
			displayName: 'Nodes',
			name: 'nodes',
			type: 'string',
			default: '',
			placeholder: 'redis-1:6379, redis-2:6379, redis-3:6379',
			description: 'Addresses of some nodes of the cluster, parted by commas; the others are found',
			...shownFor('cluster'),
		},
		{
			displayName: 'User',
			name: 'user',
			type: 'string',
			default: '',
			description: 'Empty for the default user',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
		},
		{
			displayName: 'Database Number',
			name: 'database',
			type: 'number',
			default: 0,
			...shownFor('standalone', 'sentinel'),
		},
		{
			displayName: 'Prefix',
			name: 'prefix',
			type: 'string',
			default: 'bulwark:',
			description:
				'What all keys and channels begin with. Steps share state only under the same prefix.',
		},
		{
			displayName: 'TLS',
			name: 'ssl',
			type: 'boolean',
			default: false,
			description: 'Whether to encrypt all connections',
		},
		{
			displayName: 'CA Certificate',
			name: 'ca',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			description: 'In PEM form. Empty: the authorities that the system trusts.',
			...withTls,
		},
		{
			displayName: 'Client Certificate',
			name: 'cert',
			type: 'string',
			typeOptions: { rows: 4, password: true },
			default: '',
			description: 'In PEM form, where the server asks for one',
			...withTls,
		},
		{
			displayName: 'Client Private Key',
			name: 'privateKey',
			type: 'string',
			typeOptions: { rows: 4, password: true },
			default: '',
			description: 'In PEM form, for the client certificate',
			...withTls,
		},
		{
			displayName: 'Server Name',
			name: 'serverName',
			type: 'string',
			default: '',
			description: 'The name that the certificate must bear. Empty: the host.',
			...withTls,
		},
		{
			displayName: 'Ignore SSL Issues (Insecure)',
			name: 'disableTlsVerification',
			type: 'boolean',
			default: false,
			description: 'Whether to accept any certificate',
			...withTls,
		},
	];
}

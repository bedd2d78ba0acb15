/** What becomes of calls while a shared store cannot be reached. */
export type WhenStoreIsDown = 'allow' | 'reject' | 'local';

/** What happens around a shared store: it is lost, calls are decided without it, it is back. */
export type StoreEvent =
	| { readonly type: 'store-lost'; readonly at: number; readonly reason: string }
	/** It answers, but cannot do with the state of one policy what it was asked. */
	| { readonly type: 'state-invalid'; readonly at: number; readonly reason: string }
	| { readonly type: 'call-degraded'; readonly at: number; readonly mode: WhenStoreIsDown }
	/** This process did not renew so many leases for longer than they last. */
	| { readonly type: 'leases-overdue'; readonly leases: number }
	| { readonly type: 'store-back'; readonly at: number; readonly downMs: number };

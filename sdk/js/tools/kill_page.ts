/** The page of `kill_time.ts`: many visitors of an application, each with an OpenFeature client and a provider of its own. */

import { OpenFeature, OpenFeatureEventEmitter, type Provider, ProviderEvents } from "@openfeature/web-sdk";

import { Client } from "../src/core.ts";
import { GatehouseProvider } from "../src/flags.ts";

export interface Visitors {
  /** Lets a visitor in, who asks for a flag every 20 seconds from now on. */
  enter(name: string, baseUrl: string, token: string, flag: string): Promise<void>;
  /** What each sees. */
  seen(): Record<string, boolean>;
  /** When each began to see it, in milliseconds of the machine's clock. */
  since(): Record<string, number>;
}

const flags = new Map<string, { value: boolean; since: number }>();

const visitors: Visitors = {
  async enter(name, baseUrl, token, flag) {
    const events = new OpenFeatureEventEmitter();
    const provider = new GatehouseProvider(new Client({ baseUrl, token }), { events });
    await OpenFeature.setProviderAndWait(name, provider as unknown as Provider, { targetingKey: name });
    const client = OpenFeature.getClient(name);
    const look = () => {
      const value = client.getBooleanValue(flag, false);
      if (flags.get(name)?.value !== value) flags.set(name, { value, since: Date.now() });
    };
    client.addHandler(ProviderEvents.ConfigurationChanged, look);
    look();
  },
  seen: () => Object.fromEntries([...flags].map(([name, { value }]) => [name, value])),
  since: () => Object.fromEntries([...flags].map(([name, { since }]) => [name, since])),
};
Object.assign(globalThis, { visitors });

/** The workspace's channels and the kinds that can be added. */
import type { Channel, ChannelKind, NewChannel } from '../api/model';
import type { Parloir } from '../api/parloir';
import { Problem } from '../api/problem';
import { Aside, isStopped } from './stopped.svelte';

export class Channels {
  all = $state<Channel[]>([]);
  kinds = $state<ChannelKind[]>([]);
  loaded = $state(false);
  problem = $state<Problem | null>(null);
  readonly aside = new Aside();

  constructor(private readonly api: Pick<Parloir, 'channels' | 'channelKinds' | 'addChannel' | 'disconnectChannel'>) {}

  /** Those that somebody has to look after. */
  get stopped() {
    return this.all.filter(isStopped);
  }

  get(id: string): Channel | undefined {
    return this.all.find((channel) => channel.id === id);
  }

  /** What the channel's kind can do, in the API's words (`reaction`, `edit`, …). */
  capabilities(id: string): readonly string[] {
    const kind = this.get(id)?.kind;
    return this.kinds.find((one) => one.kind === kind)?.capabilities ?? [];
  }

  async load(): Promise<void> {
    try {
      this.all = (await this.api.channels()).data;
      this.aside.keep(this.stopped);
      this.problem = null;
    } catch (reason) {
      this.problem = Problem.of(reason);
    } finally {
      this.loaded = true;
    }
  }

  async loadKinds(): Promise<void> {
    if (this.kinds.length > 0) return;
    try {
      this.kinds = (await this.api.channelKinds()).data;
    } catch (reason) {
      this.problem = Problem.of(reason);
    }
  }

  async add(channel: NewChannel, key: string): Promise<Channel> {
    const added = await this.api.addChannel(channel, key);
    this.all = [...this.all.filter((one) => one.id !== added.id), added];
    return added;
  }

  async disconnect(id: string): Promise<void> {
    await this.api.disconnectChannel(id);
    this.all = this.all.filter((one) => one.id !== id);
  }
}

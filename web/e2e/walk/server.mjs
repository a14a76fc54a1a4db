// A server of one's own, to be killed and started again, behind a line that stays where it is.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../steps.mjs';
import { Line } from './line.mjs';

const PATIENCE = 60_000;

export class Server {
  #program;
  #running;
  /** Its data, and whatever a test wants to be gone with it. */
  folder = mkdtempSync(join(tmpdir(), 'parloir-browser-'));
  member = { email: 'a@example.org', password: 'a password for the browser test' };
  line;

  /** With a workspace and an owner. */
  static async open(program) {
    const server = new Server();
    server.#program = program;
    const workspace = /wsp_\w+/.exec(server.#run(['workspace', 'create', '--name', 'Shop']))[0];
    server.#run(['member', 'add', '--workspace', workspace, '--email', server.member.email, '--name', 'Marco', '--role', 'owner', '--password-stdin'], `${server.member.password}\n`);
    server.line = await Line.open();
    await server.start();
    return server;
  }

  get url() {
    return this.line.url;
  }

  #run(words, input) {
    return String(execFileSync(this.#program, [...words, '--data', join(this.folder, 'data')], { stdio: ['pipe', 'pipe', 'ignore'], input }));
  }

  async start() {
    const own = `127.0.0.1:${this.line.port}`;
    this.#running = spawn(this.#program, ['serve', '--data', join(this.folder, 'data'), '--listen', own], { stdio: 'ignore', env: { ...process.env, PARLOIR_PUBLIC_URL: this.url } });
    await until('the server answers', () => fetch(`http://${own}/health/live`).then((answer) => answer.status < 500, () => false), PATIENCE);
  }

  /** Without warning. */
  async kill() {
    const over = new Promise((done) => this.#running.once('exit', done));
    this.#running.kill('SIGKILL');
    await over;
  }

  async close() {
    this.line.close();
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// saferun agent hook 1: asks saferun before every tool call. Remove it with `saferun uninstall`.
import { spawnSync } from "node:child_process";

const SAFERUN = @BIN@;

export const Saferun = async ({ directory }) => ({
  "tool.execute.before": async (input, output) => {
    const call = JSON.stringify({
      tool: input.tool,
      sessionID: input.sessionID ?? "",
      callID: input.callID ?? "",
      args: output.args ?? {},
      directory,
    });
    const done = spawnSync(SAFERUN, ["agent-hook", "opencode"], { input: call, encoding: "utf8", timeout: 30000 });
    let answer;
    try {
      answer = JSON.parse(done.stdout);
    } catch {
      throw new Error(`saferun did not answer, so this is blocked: ${SAFERUN} ${done.error ?? done.stderr ?? ""}`);
    }
    if (answer.decision !== "allow") throw new Error(answer.reason ?? "saferun denies this");
  },
});

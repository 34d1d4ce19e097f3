"""Runs a program as somebody whom no coding agent started: an orphan, in a
session of its own, at a terminal of its own unless told otherwise.

In (JSON on standard input): argv, cwd, env, terminal (bool), typed (list of
[text to wait for, line to type]), seconds. Out (JSON): code, out, err.
"""
import json, os, pty, select, signal, subprocess, sys, time


def at_terminal(task):
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(task["cwd"])
        os.execvpe(task["argv"][0], task["argv"], task["env"])
    seen, from_here, typed = b"", 0, list(task["typed"])
    deadline = time.monotonic() + task["seconds"]
    while time.monotonic() < deadline:
        ready, _, _ = select.select([terminal], [], [], 0.2)
        if ready:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:
                break
            if not chunk:
                break
            seen += chunk
        while typed and typed[0][0].encode() in seen[from_here:]:
            wait_for, line = typed.pop(0)
            from_here = seen.index(wait_for.encode(), from_here) + len(wait_for)
            os.write(terminal, line.encode() + b"\n")
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return {"code": os.waitstatus_to_exitcode(status), "out": seen.decode("utf-8", "replace"), "err": ""}


def alone(task):
    done = subprocess.run(task["argv"], cwd=task["cwd"], env=task["env"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=task["seconds"])
    return {"code": done.returncode, "out": done.stdout.decode("utf-8", "replace"),
            "err": done.stderr.decode("utf-8", "replace")}


def main():
    task = json.load(sys.stdin)
    parent = os.getpid()
    if os.fork():
        os._exit(0)
    os.setsid()
    while os.getppid() == parent:
        time.sleep(0.001)
    answer = at_terminal(task) if task["terminal"] else alone(task)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()


main()

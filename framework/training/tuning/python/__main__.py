"""The sampler of one study: answers lines of JSON on descriptor 3, one for each, until that is closed.

open   a study, with the trials of earlier ones; forgets what was there before
tell   trials that have ended
ask    the parameters of the next trial, given those under way
prune  whether a trial under way should be given up, given the others
"""

import json
import socket
import sys
import traceback
import warnings

import optuna
from pruning import Pruning
from sampling import Sampling


class Sampler:
    def __init__(self):
        self._sampling = None
        self._pruning = None

    def open(self, message):
        self._sampling = Sampling(message["study"], message["earlier"])
        self._pruning = Pruning(message["study"], len(message["earlier"]))
        return {"opened": True}

    def tell(self, message):
        for trial in message["trials"]:
            self._sampling.tell(trial)
            self._pruning.tell(trial)
        return {"told": len(message["trials"])}

    def ask(self, message):
        return {"drawn": self._sampling.ask(message["number"], message["open"])}

    def prune(self, message):
        return {"prune": self._pruning.should_prune(message["number"], message["open"])}


def answer(sampler, line):
    try:
        message = json.loads(line)
        return getattr(sampler, message.pop("do"))(message)
    except Exception as error:
        traceback.print_exc()
        return {"failure": f"{type(error).__name__}: {error}"}


def main():
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    # Parts that Optuna calls experimental may change with its version, which is locked here.
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    sampler = Sampler()
    with socket.socket(fileno=3) as channel, channel.makefile("rw", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            lines.write(json.dumps(answer(sampler, line), allow_nan=False) + "\n")
            lines.flush()
            sys.stderr.flush()


if __name__ == "__main__":
    main()

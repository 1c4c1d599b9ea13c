#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Times gegl-inpaint, PyTorch and OpenVINO in turn, float32, on the same full-size Stable Diffusion 1.5 with seeded weights.

    python compare.py FOLDER --tool .build/release/inpaint --rounds 3 --size 512 --json FILE

FOLDER is one of Tests/reference/full_size.py (sd15) and is made by it if it is not there; FOLDER/openvino gets the converted
model, once. In each round each program runs once, as a process of its own with all parts loaded, on as many threads as the
process may use. It takes two turns of each part; the first warms up, the lesser counts. Memory is the process's peak, loading
included. The table, with medians over the rounds, goes to standard output, what goes on to standard error.
"""
import argparse
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

from peers import PARTS

HERE = Path(__file__).resolve().parent
FULL_SIZE = HERE.parent.parent / "Tests/reference/full_size.py"
PEERS = {"PyTorch": "torch", "OpenVINO": "openvino"}
PROGRAMS = ("gegl-inpaint", *PEERS)
INSTRUCTION_SETS = ("avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16", "avx512_fp16",
                    "amx_tile", "amx_bf16", "asimd", "asimdhp", "asimddp", "i8mm", "bf16", "sve", "sve2")


def output_and_peak(command: list) -> tuple:
    """Runs a program; returns its standard output and its peak resident memory in MB."""
    words = [str(word) for word in command]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"compare.py: {' '.join(words)} ended with {process.returncode}")
    return output, usage.ru_maxrss >> 10


def measure(program: str, arguments) -> dict:
    """Returns {"seconds": {part: seconds}, "peak_mb": MB} and, of gegl-inpaint, "peak_gflops" where it is reported."""
    model = arguments.folder / "model"
    if program == "gegl-inpaint":
        output, peak = output_and_peak([arguments.tool, "bench", "--model", model, "--size", arguments.size,
                                        "--turns", 2, "--steps", 1, "--json"])
        report = json.loads(output)
        seconds = {row["part"]: row["seconds"] for row in report["parts"]}
        gflops = {"peak_gflops": report["peak_gflops"]} if "peak_gflops" in report else {}
        return {"seconds": {part: seconds[part] for part in PARTS}, "peak_mb": peak, **gflops}
    output, peak = output_and_peak([sys.executable, HERE / "peers.py", PEERS[program], arguments.folder, "--size", arguments.size])
    return {"seconds": json.loads(output.splitlines()[-1]), "peak_mb": peak}


def run_rounds(arguments) -> list:
    rounds = []
    for number in range(1, arguments.rounds + 1):
        rounds.append({})
        for program in PROGRAMS:
            rounds[-1][program] = measured = measure(program, arguments)
            figures = ", ".join(f"{part} {seconds:.2f} s" for part, seconds in measured["seconds"].items())
            print(f"round {number}, {program}: {figures}; {measured['peak_mb']} MB", file=sys.stderr, flush=True)
            if "peak_gflops" in measured:
                print(f"round {number}, peak in registers: {measured['peak_gflops']} GFLOP/s", file=sys.stderr, flush=True)
    return rounds


def processor() -> dict:
    lines = subprocess.run(["lscpu"], capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"}).stdout
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines.splitlines())}
    flags = fields.get("Flags", "").split()
    return {"name": fields.get("Model name", "unknown"), "instruction_sets": [one for one in INSTRUCTION_SETS if one in flags]}


def installed_versions() -> dict:
    """Returns the versions of the pinned packages; ends the program where one is missing, warns where one differs."""
    requirements = HERE / "requirements.txt"
    pins = dict(line.split("==") for line in requirements.read_text().splitlines() if "==" in line)
    found = {distribution.name.lower(): distribution.version for distribution in importlib.metadata.distributions()}
    missing = [f"{name}=={pin}" for name, pin in pins.items() if name not in found]
    if missing:
        sys.exit(f"compare.py: {sys.executable} lacks {', '.join(missing)}; {sys.executable} -m pip install -r {requirements}")
    for name, pin in pins.items():
        if found[name].partition("+")[0] != pin:
            print(f"compare.py: {name} is {found[name]}, the pinned version is {pin}", file=sys.stderr)
    return {name: found[name] for name in pins}


def summary(rounds: list) -> dict:
    """Returns {row: {program: median}} with a row for memory, and gegl-inpaint's ratio to the better peer in each."""
    def row(value):
        medians = {program: median(value(measured[program]) for measured in rounds) for program in PROGRAMS}
        return {**medians, "ratio": medians["gegl-inpaint"] / min(medians[peer] for peer in PEERS)}

    return {**{part: row(lambda measured, part=part: measured["seconds"][part]) for part in PARTS},
            "peak memory, MB": row(lambda measured: measured["peak_mb"])}


def markdown(report: dict) -> str:
    sets, versions = " ".join(report["processor"]["instruction_sets"]), report["versions"]
    lines = [f"{report['processor']['name']} ({sets}), {report['threads']} threads; {report['side']} x {report['side']} pixels, "
             f"float32, seconds, medians of {len(report['rounds'])} rounds; "
             + ", ".join(f"{name} {version}" for name, version in versions.items()), "",
             "| part | " + " | ".join(PROGRAMS) + " | gegl-inpaint / better peer |", "|---|" + "---|" * (len(PROGRAMS) + 1)]
    for name, row in report["medians"].items():
        digits = 0 if "MB" in name else 2
        lines.append(f"| {name} | " + " | ".join(f"{row[program]:.{digits}f}" for program in PROGRAMS) + f" | {row['ratio']:.2f} |")
    return "\n".join(lines)


def prepare(folder: Path):
    """Makes the model and converts it, where that has not been done."""
    if not (folder / "model/model_index.json").exists():
        output_and_peak([sys.executable, FULL_SIZE, "sd15", folder])
    if not (folder / "openvino").exists():
        shutil.rmtree(folder / "openvino-unfinished", ignore_errors=True)
        output_and_peak([sys.executable, HERE / "peers.py", "convert", folder])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tool", default="inpaint", help="this project's program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=512, choices=(512, 768, 1024), help="side of the picture in pixels")
    parser.add_argument("--json", type=Path, help="a file for all figures")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds is 1 or more")
    if not shutil.which(arguments.tool):
        parser.error(f"there is no program {arguments.tool}; --tool says where it is")
    versions = installed_versions()
    prepare(arguments.folder)
    rounds = run_rounds(arguments)
    report = {"processor": processor(), "threads": len(os.sched_getaffinity(0)), "side": arguments.size, "versions": versions,
              "medians": summary(rounds), "rounds": rounds}
    print(markdown(report))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()

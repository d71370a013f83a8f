/// A shell script that gives the cells of experiments to a Slurm cluster.
///
/// Run, it submits two jobs. The first is an array: task I of N computes the I-th of N parts of all
/// cells (`--shard I/N`) into the common cache and writes no tables. The second runs the same
/// experiments without `--shard`: it finds the cells, computes what no task could (an experiment that
/// reads another one's result), and writes tables, figures and claims. It starts when every task has
/// ended well (`afterok`): a cell that failed in its task would fail in the gathering job again, and an
/// array that was cancelled should not go on in a single job. Where a task fails, Slurm removes the
/// gathering job; the task's log says why, and the same command submitted again finds what was
/// finished.
///
/// Before the time limit Slurm sends SIGTERM to the job's shell, which hands it on: the tool saves
/// what it has and ends with 130, and the job puts itself into the queue again, to go on where it
/// stopped. A job that somebody cancels does not.
///
/// The checkout with its build and `Results/` must lie under the same path on all nodes.
struct SlurmScript: Sendable {
  /// The name of the jobs; the gathering one has `-gather` added.
  var name: String
  /// The checkout.
  var root: String
  /// The folder of results and finished cells.
  var results: String
  /// The executable `mlcsc`.
  var tool: String
  /// The experiments.
  var experiments: [String]
  /// Whether these are all there are, none of them asked for by name: one that lacks data is then
  /// no failure of the job.
  var asksForAll = false
  /// The options of `mlcsc run` that say what is computed.
  var runOptions: [String]
  /// N, the tasks of the array.
  var tasks: Int
  /// The processors of each task, which are also the cells that it runs side by side.
  var processorsPerTask = 2
  /// Further options of `sbatch` for both jobs, each one word: `--partition=main`.
  var sbatchOptions: [String] = []
  /// How many seconds before the time limit the signal comes.
  var secondsToSave = 120
  /// How often a job may put itself into the queue again.
  var restarts = 100

  /// A script from what has no default.
  init(
    name: String, root: String, results: String, tool: String, experiments: [String],
    runOptions: [String], tasks: Int
  ) {
    (self.name, self.root, self.results, self.tool) = (name, root, results, tool)
    (self.experiments, self.runOptions, self.tasks) = (experiments, runOptions, tasks)
  }

  /// The script, for bash.
  var text: String {
    let common = [
      "--chdir=\(root)", "--requeue", "--open-mode=append", "--signal=B:TERM@\(secondsToSave)",
      "--cpus-per-task=\(processorsPerTask)",
    ]
    let options = (common + sbatchOptions).map { "  \(Self.quoted($0))" }
    let logs = results + "/slurm"
    return """
      #!/usr/bin/env bash
      # Submits \(experiments.joined(separator: ", "))
      # in \(tasks) tasks, and a job that gathers their cells.
      # The checkout, its build and Results/ must lie under the same path on all nodes, and the
      # nodes' processors must be able to run what was built for this one.
      set -euo pipefail
      mkdir -p \(Self.quoted(logs))
      options=(
      \(options.joined(separator: "\n"))
      )

      array="$(sbatch --parsable --job-name=\(Self.quoted(name)) --array=1-\(tasks) \\
        --output=\(Self.quoted(Self.pattern(logs) + "/\(name)-%A_%a.log")) "${options[@]}" <<'JOB'
      \(job("${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}", shard: true))
      JOB
      )"
      array="${array%%;*}"

      gather="$(sbatch --parsable --job-name=\(Self.quoted(name + "-gather")) \\
        --dependency="afterok:$array" --kill-on-invalid-dep=yes \\
        --output=\(Self.quoted(Self.pattern(logs) + "/\(name)-gather-%j.log")) "${options[@]}" <<'JOB'
      \(job("$SLURM_JOB_ID", shard: false))
      JOB
      )" || { scancel "$array"; exit 1; }

      echo "array job $array, gathering job ${gather%%;*}; logs in "\(Self.quoted(logs))

      """
  }

  /// What one job runs.
  private func job(_ identifier: String, shard: Bool) -> String {
    let part = shard ? " --shard \"$SLURM_ARRAY_TASK_ID/\(tasks)\"" : ""
    let names = asksForAll ? [] : experiments
    let arguments = (runOptions + names).map(Self.quoted).joined(separator: " ")
    return """
      #!/usr/bin/env bash
      set -uo pipefail
      export MLCSC_ROOT=\(Self.quoted(root)) MLCSC_RESULTS=\(Self.quoted(results))
      export OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
      job="\(identifier)" child="" interrupted=false
      trap 'interrupted=true; [ -z "$child" ] || kill -TERM "$child"' TERM
      \(Self.quoted(tool)) run --jobs "${SLURM_CPUS_PER_TASK:-1}"\(part) \(arguments) &
      child=$!
      wait "$child"
      status=$?
      if $interrupted; then
        # A signal ends the first wait; the second brings the status of the tool, which has saved.
        wait "$child"
        again=$?
        [ "$again" -eq 127 ] || status=$again
      fi
      # Whoever cancels a job does not want it back: it is no longer running by then.
      if [ "$status" -eq 130 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt \(restarts) ] &&
        [ "$(squeue --noheader --jobs="$job" --format=%T)" = RUNNING ]; then
        scontrol requeue "$job"
      fi
      exit "$status"
      """
  }

  /// A word as the shell reads it back.
  static func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  /// A path in which Slurm finds none of its % patterns.
  private static func pattern(_ path: String) -> String {
    path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
  }
}

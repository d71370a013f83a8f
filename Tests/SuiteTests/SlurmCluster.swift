import Foundation
import TestSupport
import Testing

/// A Slurm cluster of one node that lives as long as this value.
///
/// Controller, node daemon and munge run from a folder of their own on free ports, as children of a
/// shell that waits for the end of its input: they are killed when the value goes, and when the
/// test's process dies in whatever way.
final class SlurmCluster {
  /// Why there can be none here.
  static let absent: Comment =
    "skipped: a Slurm cluster of one node needs root and the packages slurm-wlm and munge"

  /// Whether the daemons are installed and may be started.
  static let isPossible =
    getuid() == 0
    && ["munged", "slurmctld", "slurmd", "sbatch"].allSatisfy { name in
      ["/usr/sbin", "/usr/bin"].contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
      }
    }

  private let folder: TemporaryFolder
  private let shell = Process()
  private let input = Pipe()

  /// What finds this cluster.
  var environment: [String: String] { ["SLURM_CONF": folder["slurm.conf"].path] }

  /// Starts the daemons and waits until the node is idle.
  init() throws {
    folder = try TemporaryFolder()
    try Self.launcher.write(to: folder["launch.sh"], atomically: true, encoding: .utf8)
    try Data().write(to: folder["daemons.log"])
    let log = try FileHandle(forWritingTo: folder["daemons.log"])
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments =
      [folder["launch.sh"].path, folder.url.path] + (try Self.freePorts(2)).map(String.init)
    shell.standardInput = input
    shell.standardOutput = log
    shell.standardError = log
    try shell.run()
    try wait("an idle node") { try self.run("sinfo", "--noheader", "--format=%T") == "idle\n" }
  }

  deinit {
    try? input.fileHandleForWriting.close()
    shell.waitUntilExit()
  }

  /// What a Slurm command prints; nothing where it fails.
  @discardableResult
  func run(_ command: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : ""
  }

  /// Looks again and again until something is so, for two minutes at most.
  func wait(_ what: String, until isSo: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: 120)
    while try !isSo() {
      guard Date() < deadline, shell.isRunning else {
        let log = (try? String(contentsOf: folder["daemons.log"], encoding: .utf8)) ?? ""
        throw TimedOut(what: what, log: String(log.suffix(2_000)))
      }
      usleep(50_000)
    }
  }

  /// Something that did not happen in time.
  struct TimedOut: Error, CustomStringConvertible {
    let what: String
    let log: String
    var description: String { "no \(what); the daemons say: \(log)" }
  }

  /// Ports that nobody listens on at the moment.
  private static func freePorts(_ count: Int) throws -> [UInt16] {
    var open = [Int32]()
    defer { open.forEach { close($0) } }
    return try (0..<count).map { _ in
      #if canImport(Glibc)
        let stream = Int32(SOCK_STREAM.rawValue)
      #else
        let stream = SOCK_STREAM
      #endif
      let socket = socket(AF_INET, stream, 0)
      open.append(socket)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let bound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
        }
      }
      guard bound else { throw TimedOut(what: "free port", log: "") }
      return UInt16(bigEndian: address.sin_port)
    }
  }

  /// What runs the daemons; its arguments are the folder, the controller's and the node's port.
  ///
  /// A requeued job may start again after cred_expire seconds.
  private static let launcher = #"""
    set -u
    PATH=$PATH:/usr/sbin
    folder=$1
    host=$(hostname -s)
    daemons=()
    stop() {
      trap - EXIT
      [ ${#daemons[@]} -eq 0 ] || kill -9 "${daemons[@]}" 2>/dev/null
      wait
    }
    trap stop EXIT
    trap exit TERM INT HUP
    mkdir -p "$folder/state" "$folder/spool"
    (umask 077; head -c 1024 /dev/urandom > "$folder/munge.key")
    cat > "$folder/slurm.conf" <<CONF
    ClusterName=test
    SlurmctldHost=$host(127.0.0.1)
    SlurmctldPort=$2
    SlurmdPort=$3
    SlurmUser=root
    SlurmdUser=root
    AuthType=auth/munge
    AuthInfo=socket=$folder/munge.socket,cred_expire=6
    MpiDefault=none
    ProctrackType=proctrack/linuxproc
    TaskPlugin=task/none
    SelectType=select/cons_tres
    SelectTypeParameters=CR_Core
    ReturnToService=2
    StateSaveLocation=$folder/state
    SlurmdSpoolDir=$folder/spool
    SlurmctldPidFile=$folder/slurmctld.pid
    SlurmdPidFile=$folder/slurmd.pid
    NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=500 State=UNKNOWN
    PartitionName=main Nodes=$host Default=YES State=UP
    CONF
    export SLURM_CONF=$folder/slurm.conf
    munged --foreground --force --num-threads=1 --key-file="$folder/munge.key" \
      --socket="$folder/munge.socket" --pid-file="$folder/munge.pid" \
      --log-file="$folder/munge.log" --seed-file="$folder/munge.seed" &
    daemons+=($!)
    slurmctld -D &
    daemons+=($!)
    slurmd -D &
    daemons+=($!)
    cat > /dev/null
    """#
}

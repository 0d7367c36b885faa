using System.Globalization;

namespace SnapBackup.Blocks;

/// <summary>
/// A process, told apart from all others that had or will have its number: the number comes again, but not with the
/// same start time under the same boot.
/// </summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="StartTime">When it started, in clock ticks since the boot (<c>/proc/pid/stat</c>, field 22).</param>
/// <param name="BootId">The boot of the machine (<c>/proc/sys/kernel/random/boot_id</c>).</param>
public sealed record ProcessIdentity(int ProcessId, long StartTime, string BootId)
{
    private const int StateField = 3;
    private const int StartTimeField = 22;

    /// <summary>This process.</summary>
    public static ProcessIdentity Current { get; } = Of(Environment.ProcessId)!;

    /// <summary>Whether the process still runs.</summary>
    public bool IsAlive => string.Equals(BootId, Current.BootId, StringComparison.Ordinal) && FindStartTime(ProcessId) == StartTime;

    /// <summary>A running process; null when there is none of that number.</summary>
    /// <param name="processId">Its number.</param>
    public static ProcessIdentity? Of(int processId) =>
        FindStartTime(processId) is { } startTime ? new ProcessIdentity(processId, startTime, ReadBootId()) : null;

    private static string ReadBootId() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>When the process started; null when there is none, or when it only waits to be buried.</summary>
    private static long? FindStartTime(int processId)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{processId}/stat");
        }
        catch (IOException)
        {
            // No such process, or it ended while its line was read.
            return null;
        }

        // The second field, the program's name in parentheses, may hold spaces and parentheses itself.
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isDead = fields[StateField - 3] is "Z" or "X";
        return isDead ? null : long.Parse(fields[StartTimeField - 3], CultureInfo.InvariantCulture);
    }
}

using SnapBackup.Blocks.Linux;

namespace SnapBackup.Blocks.Stamps;

/// <summary>The stamp of a regular file: its inode and birth, its size and times.</summary>
/// <remarks>
/// Invariant: whatever is written after a stamp was taken gets another change time than the stamp has. A write takes the
/// time of the kernel's last tick, so times that are younger than a tick are waited out before they are believed.
/// </remarks>
internal static class FileStamp
{
    private const int Attempts = 8;

    /// <summary>Longer than two ticks of the slowest kernel, and than the grain of every file system that has fractions of seconds.</summary>
    private const long Settling = 30;

    /// <summary>The grain of the others, of which FAT's is the coarsest.</summary>
    private const long WholeSeconds = 2000;

    /// <summary>The stamp of a file whose writes have reached it.</summary>
    /// <param name="ask">Asks the kernel for the file's status.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns><see langword="default"/> when the file does not come to rest.</returns>
    public static async Task<DeviceStamp> ReadAsync(Func<StatxBuffer> ask, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            // The clock is asked first: the status is then as young as it says, or younger.
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(); // no other clock: it is the kernel that stamps files
            var status = ask();
            var wait = Settled(status.ChangeTime) - now;
            // A time in a far future is another clock's. The next write gets one of ours.
            if (wait is <= 0 or > 2 * (WholeSeconds + Settling))
                return new DeviceStamp(IdentityOf(status), ContentOf(status), Session: 0, Counter: 0);
            await Task.Delay(TimeSpan.FromMilliseconds(wait), cancellationToken).ConfigureAwait(false);
        }

        return default;
    }

    private static long Settled(StatxTimestamp time) =>
        time.Milliseconds + Settling + (time.Nanoseconds == 0 ? WholeSeconds : 0);

    private static ulong IdentityOf(in StatxBuffer status) =>
        new StampHash().Add((long)status.Inode).Add(status.HasBirthTime ? status.BirthTime : default).Value;

    private static ulong ContentOf(in StatxBuffer status) =>
        new StampHash().Add((long)status.Size).Add(status.ModifyTime).Add(status.ChangeTime).Value;
}

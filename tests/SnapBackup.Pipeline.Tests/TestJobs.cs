using SnapBackup.Blocks;
using SnapBackup.Pipeline.Jobs;
using SnapBackup.Pipeline.Quartz;

namespace SnapBackup.Pipeline.Tests;

internal static class TestJobs
{
    public static JobValidator Validator { get; } = new(new QuartzCronCalendar(), TimeProvider.System);

    /// <summary>A valid job whose files would be in <paramref name="folder"/>.</summary>
    public static JobDocument Nightly(string folder) => new()
    {
        Name = "nightly",
        Source = Path.Combine(folder, "disk.img"),
        Logs = [new JobLog { Path = Path.Combine(folder, "disk.log"), Size = new ByteSize(8 << 20) }],
        Store = Path.Combine(folder, "store"),
        Schedule = new JobSchedule { Cron = "30 2 * * *" },
    };
}

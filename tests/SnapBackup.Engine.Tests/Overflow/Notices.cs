using System.Threading.Channels;

namespace SnapBackup.Engine.Tests.Overflow;

/// <summary>The notices of a device about its filling logs, in order.</summary>
internal sealed class Notices
{
    private readonly Channel<LogForecastEventArgs> _told = Channel.CreateUnbounded<LogForecastEventArgs>();

    public Notices(SnapDevice device) => device.LogFilling += (_, notice) => _told.Writer.TryWrite(notice);

    public ValueTask<LogForecastEventArgs> NextAsync() => _told.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>Waits for the next notice of a stage; others are passed over.</summary>
    public async Task<LogForecastEventArgs> UntilAsync(LogFillStage stage)
    {
        while (true)
        {
            var notice = await NextAsync();
            if (notice.Stage == stage)
                return notice;
        }
    }
}

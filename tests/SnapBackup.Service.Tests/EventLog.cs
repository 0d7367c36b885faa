namespace SnapBackup.Service.Tests;

/// <summary>Lines that somebody writes and a test waits for.</summary>
public sealed class EventLog
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Guards the lines and their pulse.</summary>
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private TaskCompletionSource _pulse = NewPulse();
    private bool _isComplete;

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public void Add(string line)
    {
        lock (_lock)
            _lines.Add(line);
        Pulse();
    }

    /// <summary>Nothing more will come.</summary>
    public void Complete()
    {
        lock (_lock)
            _isComplete = true;
        Pulse();
    }

    /// <summary>Waits for a line that begins and goes on like this; fails when none can come any more.</summary>
    public async Task<string> FirstAsync(string start, string part = "")
    {
        while (true)
        {
            Task pulse;
            lock (_lock)
            {
                pulse = _pulse.Task;
                var found = _lines.Find(line =>
                    line.StartsWith(start, StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal));
                if (found is not null)
                    return found;
                Assert.False(_isComplete, $"It ended before '{start}' … '{part}' came.\n{this}");
            }

            try
            {
                await pulse.WaitAsync(Limit, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                Assert.Fail($"'{start}' … '{part}' did not come.\n{this}");
            }
        }
    }

    public override string ToString() => string.Join('\n', Lines);

    private static TaskCompletionSource NewPulse() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Pulse()
    {
        lock (_lock)
        {
            _pulse.SetResult();
            _pulse = NewPulse();
        }
    }
}

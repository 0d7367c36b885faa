namespace SnapBackup.CrashTests.Simulation;

/// <summary>
/// All that happened on a machine, in one order: when operations of all disks, and those of the disks' user, began and
/// ended. The power may be cut between any two events; what came before has then happened and nothing else.
/// </summary>
internal sealed class Trace
{
    private readonly Lock _lock = new();
    private readonly List<TraceEvent> _events = [];

    public int Length
    {
        get
        {
            lock (_lock)
                return _events.Count;
        }
    }

    public TraceEvent this[int position]
    {
        get
        {
            lock (_lock)
                return _events[position];
        }
    }

    public void Begin(TracedOperation operation)
    {
        lock (_lock)
        {
            operation.BeginAt(_events.Count);
            _events.Add(new TraceEvent(operation, IsEnd: false));
        }
    }

    public void End(TracedOperation operation)
    {
        lock (_lock)
        {
            operation.EndAt(_events.Count);
            _events.Add(new TraceEvent(operation, IsEnd: true));
        }
    }
}

using System.Buffers.Binary;
using System.Text;

namespace SnapBackup.Engine.Log.Format;

/// <summary>
/// A point in time that the device keeps something of: a snapshot or a bookmark. Little-endian.
/// <code>
/// offset size
///      0   16  id
///     16    8  epoch that it opened
///     24    1  kind: 1 snapshot, 2 bookmark
///     25    1  why it is broken; 0 when it is not
///     26    1  flags: 1 changes lost (the change map from here on is not complete), 2 group not confirmed
///     27    1  length of the name
///     28   64  name, ASCII
///     92    4  zero
///     96    8  when it started, in milliseconds since 1970 (UTC); only shown
///    104   16  id of the atomic group it was started in; zeros for none
///    120   16  set id of the next device of that group, whose last names its first; zeros for none
/// </code>
/// </summary>
internal readonly record struct CatalogPoint
{
    public const int Size = 136;
    public const int LongestName = 64;

    private const int IdAt = 0;
    private const int EpochAt = IdAt + 16;
    private const int KindAt = EpochAt + sizeof(long);
    private const int BreakReasonAt = KindAt + 1;
    private const int FlagsAt = BreakReasonAt + 1;
    private const int NameLengthAt = FlagsAt + 1;
    private const int NameAt = NameLengthAt + 1;
    private const int StartedAtAt = NameAt + LongestName + sizeof(uint);
    private const int GroupAt = StartedAtAt + sizeof(long);
    private const int NextInGroupAt = GroupAt + 16;
    private const long LatestStart = 253_402_300_799_999; // the end of the year 9999
    private const byte ChangesLostFlag = 1;
    private const byte UnconfirmedFlag = 2;

    private readonly long _startedAt;

    public required Guid Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The epoch that it opened: it reads the earliest version of each block recorded from this epoch on.</summary>
    public required long Epoch { get; init; }

    public required PointKind Kind { get; init; }

    /// <summary>When it started, to the millisecond; not before 1970, whatever the clock says. It is only shown, so no value of it makes a point unreadable.</summary>
    public required DateTimeOffset StartedAt
    {
        get => DateTimeOffset.FromUnixTimeMilliseconds(_startedAt);
        init => _startedAt = Math.Max(0, value.ToUnixTimeMilliseconds());
    }

    public BreakReason BreakReason { get; init; }

    /// <summary>Whether writes went by that the change map from here on does not have.</summary>
    public bool ChangesLost { get; init; }

    /// <summary>The atomic group it was started in; empty for none.</summary>
    public Guid Group { get; init; }

    /// <summary>
    /// The set id of the next device of its group, in a ring: whoever follows it from device to device and comes back has met all of them.
    /// </summary>
    public Guid NextInGroup { get; init; }

    /// <summary>Whether it is not known yet that all devices of its group have it.</summary>
    public bool IsUnconfirmed { get; init; }

    /// <summary>Whether it is a snapshot that can be read, whose versions are needed.</summary>
    public bool IsLive => Kind == PointKind.Snapshot && BreakReason == BreakReason.None;

    /// <summary>Whether the change map from it on is worth keeping.</summary>
    public bool NeedsChanges => !ChangesLost && BreakReason == BreakReason.None;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out CatalogPoint point)
    {
        point = default;
        if (bytes.Length < Size)
            return false;
        var startedAt = BinaryPrimitives.ReadInt64LittleEndian(bytes[StartedAtAt..]);
        if (bytes[KindAt] is < (byte)PointKind.Snapshot or > (byte)PointKind.Bookmark || bytes[NameLengthAt] > LongestName)
            return false;
        point = new CatalogPoint
        {
            Id = new Guid(bytes.Slice(IdAt, 16)),
            Name = Encoding.ASCII.GetString(bytes.Slice(NameAt, bytes[NameLengthAt])),
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(bytes[EpochAt..]),
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(startedAt, 0, LatestStart)),
            Kind = (PointKind)bytes[KindAt],
            BreakReason = (BreakReason)bytes[BreakReasonAt],
            ChangesLost = (bytes[FlagsAt] & ChangesLostFlag) != 0,
            IsUnconfirmed = (bytes[FlagsAt] & UnconfirmedFlag) != 0,
            Group = new Guid(bytes.Slice(GroupAt, 16)),
            NextInGroup = new Guid(bytes.Slice(NextInGroupAt, 16)),
        };
        return true;
    }

    public void Write(Span<byte> bytes)
    {
        bytes = bytes[..Size];
        bytes.Clear();
        Id.TryWriteBytes(bytes[IdAt..]);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[EpochAt..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[StartedAtAt..], _startedAt);
        bytes[KindAt] = (byte)Kind;
        bytes[BreakReasonAt] = (byte)BreakReason;
        bytes[FlagsAt] = (byte)((ChangesLost ? ChangesLostFlag : 0) | (IsUnconfirmed ? UnconfirmedFlag : 0));
        bytes[NameLengthAt] = (byte)Encoding.ASCII.GetBytes(Name, bytes.Slice(NameAt, LongestName));
        Group.TryWriteBytes(bytes[GroupAt..]);
        NextInGroup.TryWriteBytes(bytes[NextInGroupAt..]);
    }
}

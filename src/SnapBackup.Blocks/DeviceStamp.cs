using System.Buffers.Binary;

namespace SnapBackup.Blocks;

/// <summary>
/// What a device looked like at one moment, to be kept and compared with how it looks later. Little-endian when stored.
/// <code>
/// offset size
///      0    8  identity
///      8    8  content
///     16    8  session
///     24    8  counter
/// </code>
/// Every field is a hash and says one thing: the same or not.
/// </summary>
/// <param name="Identity">Which file or disk it is; 0 when that is not known.</param>
/// <param name="Content">What it held: for a file its size and times, for a disk its size and samples of its bytes.</param>
/// <param name="Session">The run of the kernel in which <paramref name="Counter"/> counts; 0 when there is no counter.</param>
/// <param name="Counter">How much was written to it in that session, and since when.</param>
/// <remarks>
/// <para>
/// For a <b>file</b> every way of writing moves its times, so that every write is noticed, and some changes that write nothing
/// (a new mode or name) as well. Not noticed is what the kernel does not tell: a write through a memory mapping on a file system
/// that gives pages away for good (tmpfs), one by another host that the network file system hides, one whose time was lost with
/// the power while its bytes were not, and one after the clock was set back to the very tick of the stamp. A file system without
/// lasting inode numbers (FAT, some of FUSE) makes another file of it at each mount.
/// </para>
/// <para>
/// For a <b>disk</b> every write through its own node is noticed as long as the kernel runs and counts (<c>queue/iostats</c>).
/// Across a restart, and for writes that go round the node (another host's, the whole disk's node for a partition, the disk below
/// a volume), the samples must tell: they find file systems that were mounted and partitions that were moved, and may miss a
/// single block. A loop device is as sure as the file behind it. A disk that was taken off and put back may have been written.
/// </para>
/// </remarks>
public readonly record struct DeviceStamp(ulong Identity, ulong Content, ulong Session, ulong Counter)
{
    /// <summary>How many bytes a stored stamp has.</summary>
    public const int Size = CounterAt + sizeof(ulong);

    private const int IdentityAt = 0;
    private const int ContentAt = IdentityAt + sizeof(ulong);
    private const int SessionAt = ContentAt + sizeof(ulong);
    private const int CounterAt = SessionAt + sizeof(ulong);

    /// <summary>Whether it says anything; <see langword="default"/> does not.</summary>
    public bool IsKnown => this != default;

    /// <summary>Reads a stored stamp.</summary>
    /// <param name="source">Bytes that begin with it.</param>
    /// <param name="stamp">The stamp.</param>
    /// <returns>Whether there were bytes enough; any 32 bytes are a stamp.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out DeviceStamp stamp)
    {
        stamp = default;
        if (source.Length < Size)
            return false;
        stamp = new DeviceStamp(
            BinaryPrimitives.ReadUInt64LittleEndian(source[IdentityAt..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[ContentAt..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[SessionAt..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[CounterAt..]));
        return true;
    }

    /// <summary>Stores the stamp.</summary>
    /// <param name="destination">Where; at least <see cref="Size"/> bytes.</param>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination[IdentityAt..], Identity);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[ContentAt..], Content);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[SessionAt..], Session);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[CounterAt..], Counter);
    }

    /// <summary>Whether the device may have been written, or be another one, since an earlier stamp; what is not known may.</summary>
    /// <param name="earlier">The stamp that was kept.</param>
    public bool MayHaveBeenWrittenSince(DeviceStamp earlier) =>
        !IsKnown
        || !earlier.IsKnown
        || (Identity != earlier.Identity && Identity != 0 && earlier.Identity != 0)
        || Content != earlier.Content
        || (Session == earlier.Session && Counter != earlier.Counter);
}

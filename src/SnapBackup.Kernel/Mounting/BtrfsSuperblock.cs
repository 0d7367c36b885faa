using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Security.Cryptography;

namespace SnapBackup.Kernel.Mounting;

/// <summary>
/// A superblock of btrfs, as far as it says which file system it is of: "On-disk Format" in the btrfs documentation. All numbers are
/// little-endian.
/// </summary>
/// <remarks>
/// <code>
/// offset  bytes
///      0     32  checksum of all that follows, by the kind below, zeros after it
///     32     16  identity of the file system, by which the kernel tells mounted ones
///     64      8  magic, _BHRfS_M
///    136      8  number of devices
///    188      8  incompatible features; bit 10: an identity of the metadata stands below
///    196      2  kind of checksum
///    571     16  identity of the metadata, which every tree block carries
/// </code>
/// A new identity of the file system alone touches no tree. A tool that commits a transaction for it may write over the log tree, which the extent
/// tree does not know, and so lose what was synced last.
/// </remarks>
/// <param name="bytes">The superblock; the caller's.</param>
internal readonly ref struct BtrfsSuperblock(Span<byte> bytes)
{
    public const int Size = 4096;

    private const int ChecksumSize = 32;
    private const int IdentityOffset = ChecksumSize;
    private const int IdentitySize = 16;
    private const int MagicOffset = 64;
    private const int DeviceCountOffset = 136;
    private const int IncompatibleOffset = 188;
    private const int ChecksumKindOffset = 196;
    private const int MetadataIdentityOffset = 571;
    private const ulong HasMetadataIdentity = 1 << 10;

    private readonly Span<byte> _bytes = bytes;

    /// <summary>Where the copies are, on devices that are larger.</summary>
    public static ReadOnlySpan<long> Offsets => [64L << 10, 64L << 20, 256L << 30];

    public bool IsOne => _bytes[MagicOffset..].StartsWith("_BHRfS_M"u8);

    public ulong DeviceCount => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[DeviceCountOffset..]);

    /// <summary>The kind of checksum, when it is one that is not known here; else null.</summary>
    public int? UnknownChecksum => ChecksumKind is >= 0 and <= 2 ? null : ChecksumKind;

    private int ChecksumKind => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[ChecksumKindOffset..]);

    /// <summary>Gives the file system another identity. The old one stays that of the metadata, unless that has one already.</summary>
    public void Rename(Guid identity)
    {
        var features = BinaryPrimitives.ReadUInt64LittleEndian(_bytes[IncompatibleOffset..]);
        if ((features & HasMetadataIdentity) == 0)
            _bytes.Slice(IdentityOffset, IdentitySize).CopyTo(_bytes[MetadataIdentityOffset..]);
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes[IncompatibleOffset..], features | HasMetadataIdentity);
        identity.TryWriteBytes(_bytes[IdentityOffset..]);
        _bytes[..ChecksumSize].Clear();
        var content = _bytes[ChecksumSize..];
        switch (ChecksumKind)
        {
            case 0:
                BinaryPrimitives.WriteUInt32LittleEndian(_bytes, Crc32C(content));
                break;
            case 1:
                BinaryPrimitives.WriteUInt64LittleEndian(_bytes, XxHash64.HashToUInt64(content));
                break;
            case 2:
                SHA256.HashData(content, _bytes);
                break;
        }
    }

    private static uint Crc32C(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        foreach (var value in content)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}

using SharpCompress.Compressors.ZStandard;
using SharpCompress.Compressors.ZStandard.Unsafe;

namespace SnapBackup.Archive;

/// <summary>
/// Makes frames that hold their content's size and checksum, so that stock <c>zstd -l</c> and <c>zstd -t</c> mean
/// something. One thread at a time; a result is valid until the next.
/// </summary>
internal sealed class FrameCompressor : IDisposable
{
    private readonly Compressor _compressor;
    private readonly byte[] _stored;

    public FrameCompressor(int level, int frameSize)
    {
        _compressor = new Compressor(level);
        _compressor.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        _stored = new byte[Compressor.GetCompressBound(frameSize)];
    }

    public StoredFrame Compress(ReadOnlySpan<byte> content)
    {
        var length = _compressor.Wrap(content, _stored);
        return new StoredFrame(_stored.AsMemory(0, length), FrameDigest.Of(content));
    }

    public void Dispose() => _compressor.Dispose();
}

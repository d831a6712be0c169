// What ggml-vulkan.cpp needs of VK_EXT_layer_settings, for Vulkan headers older than 1.3.269 (Debian 12 has 1.3.239).
// It is put before every C++ file of the engine and changes none but those of the Vulkan backend. The declarations
// follow the Vulkan specification, chapter "Layer Settings". It can go when Debian 12 is no longer built on.
#pragma once

#ifdef ggml_vulkan_EXPORTS
#include <cstdint>
#include <vector>
#include <vulkan/vulkan_core.h>

#ifndef VK_EXT_layer_settings
namespace vk {

enum class LayerSettingTypeEXT : int { eBool32 = 0 };

struct LayerSettingEXT {
    const char * pLayerName;
    const char * pSettingName;
    LayerSettingTypeEXT type;
    std::uint32_t valueCount;
    const void * pValues;
};

struct LayerSettingsCreateInfoEXT {
    int sType = 1000496000;  // VK_STRUCTURE_TYPE_LAYER_SETTINGS_CREATE_INFO_EXT
    const void * pNext = nullptr;
    std::uint32_t settingCount;
    const LayerSettingEXT * pSettings;

    explicit LayerSettingsCreateInfoEXT(const std::vector<LayerSettingEXT> & settings)
        : settingCount(static_cast<std::uint32_t>(settings.size())), pSettings(settings.data()) {}
};

}  // namespace vk
#endif
#endif
